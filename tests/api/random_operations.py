"""Operations that ask for anything there is in a schema."""

from collections.abc import Iterator
from random import Random
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_object_type,
    is_required_argument,
    is_union_type,
)

# As a literal, and as JSON.
GIVEN = {
    "Int": ("4", 4),
    "String": ('"q"', "q"),
    "Boolean": ("true", True),
    "Colour": ("RED", "RED"),
    "Input": ('{b: "x", a: null, c: 1}', {"b": "x", "a": None, "c": 1}),
}


class RandomOperation:
    """The text of an operation, mostly valid, and variables for it, mostly fitting."""

    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self._schema, self._random = schema, random
        self._variables: dict[str, Any] = {}
        self._fragments: dict[str, str] = {}
        self._has_directives = random.random() < 0.4
        kind, root = random.choice([("query", "Query"), ("mutation", "Mutation")])
        selected = self._selection(schema.get_type(root), random.randrange(1, 4))
        declared = ", ".join(f"${name}: {of}" for name, of in self._variables.items())
        head = f"{kind} Q({declared})" if declared else kind
        self.text = " ".join([head, selected, *self._fragments.values()])

    def variables(self) -> dict[str, Any]:
        """Return other values each time."""
        return {
            name: self._random.choice([given(kind)[1]] * 8 + [None, "bad"])
            for name, kind in self._variables.items()
            if self._random.random() < 0.9
        }

    def _selection(self, kind: Any, depth: int) -> str:
        chosen = [self._selected(kind, depth) for _ in range(self._random.randrange(1, 5))]
        return f"{{ {' '.join(chosen)} }}"

    def _selected(self, kind: Any, depth: int) -> str:
        share = self._random.random()
        if share < 0.1:
            return "__typename" + self._directive()
        if share < 0.3 or is_union_type(kind):
            return self._fragment(self._random.choice(list(self._related(kind))), depth)
        return self._field(kind, depth)

    def _related(self, kind: Any) -> Iterator[Any]:
        yield kind
        yield from (
            kind.interfaces if is_object_type(kind) else self._schema.get_possible_types(kind)
        )

    def _fragment(self, kind: Any, depth: int) -> str:
        if self._random.random() < 0.5:
            return f"... on {kind.name}{self._directive()} {self._selection(kind, depth)}"
        known = [name for name, text in self._fragments.items() if f" on {kind.name} " in text]
        name = self._random.choice([*known, f"F{len(self._fragments)}"])
        if name not in self._fragments:
            self._fragments[name] = ""
            selected = self._selection(kind, depth)
            self._fragments[name] = f"fragment {name} on {kind.name} {selected}"
        return f"...{name}{self._directive()}"

    def _field(self, kind: Any, depth: int) -> str:
        name, field = self._random.choice(list(kind.fields.items()))
        inner, alias = (
            get_named_type(field.type),
            self._random.choice(["", "", f"x{self._random.randrange(9)}: "]),
        )
        if is_composite_type(inner) and depth == 0:
            return "__typename"
        given_ones = [
            f"{argument}: {self._argument(definition.type)}"
            for argument, definition in field.args.items()
            if is_required_argument(definition) or self._random.random() < 0.6
        ]
        arguments = f"({', '.join(given_ones)})" if given_ones else ""
        selected = f" {self._selection(inner, depth - 1)}" if is_composite_type(inner) else ""
        return f"{alias}{name}{arguments}{self._directive()}{selected}"

    def _argument(self, kind: Any) -> str:
        return given(kind)[0] if self._random.random() < 0.5 else f"${self._variable(kind)}"

    def _directive(self) -> str:
        if not self._has_directives or self._random.random() > 0.15:
            return ""
        condition = self._argument(GraphQLNonNull(GraphQLBoolean))
        return f" @{self._random.choice(['include', 'skip'])}(if: {condition})"

    def _variable(self, kind: Any) -> str:
        name = f"v{len(self._variables)}"
        self._variables[name] = kind
        return name


def given(kind: Any) -> tuple[str, Any]:
    return GIVEN[get_named_type(kind).name]
