"""Schemas whose resolvers return what they should not."""

from functools import partial
from random import Random
from typing import Any

from graphene.types.resolver import dict_or_attr_resolver
from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    Undefined,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

NAMES = [f"f{number}" for number in range(6)]
KINDS = ["T0", "T1", "T2", "T3"]
COLOUR = GraphQLEnumType("Colour", {"RED": 1, "BLUE": "b"})
LEAVES = [GraphQLString, GraphQLInt, GraphQLFloat, GraphQLBoolean, GraphQLID, COLOUR]
INPUT = GraphQLInputObjectType(
    "Input",
    {
        "a": GraphQLInputField(GraphQLInt, default_value=3),
        "b": GraphQLInputField(GraphQLNonNull(GraphQLString)),
        "c": GraphQLInputField(GraphQLList(GraphQLInt)),
    },
)
INPUTS = [
    GraphQLInt,
    GraphQLNonNull(GraphQLInt),
    GraphQLList(GraphQLInt),
    INPUT,
    GraphQLBoolean,
    COLOUR,
]
SCALARS = ["s", 1, 1.5, True, "b", 2**40, float("nan"), "12", b"x", [1], {"a": 2}, "", 0]


class Moody:
    """Raises where it is asked for an attribute."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(name)

    def __repr__(self) -> str:
        return "moody"


def raised(error: Exception) -> Any:
    raise error


def mishap(random: Random) -> Any:
    """Return or raise what no field promises."""
    told = partial(raised, GraphQLError("told", extensions={"a": 1}))
    elsewhere = partial(raised, GraphQLError("elsewhere", path=["there", 1]))
    chosen = [None, Undefined, ValueError("returned"), GraphQLError("returned"), Moody()]
    return random.choice(
        [*(partial(lambda value: value, one) for one in chosen), told, elsewhere]
    )()


def value_of(kind: Any, random: Random) -> Any:
    """Return something for a field of this type, mostly fitting."""
    if random.random() < 0.2:
        return mishap(random)
    if is_non_null_type(kind):
        return value_of(kind.of_type, random)
    if is_list_type(kind):
        items = [item_of(kind.of_type, random) for _ in range(random.randrange(4))]
        return random.choice([items, items, items, iter(items), "abc", 5, {"a": 1}])
    if is_leaf_type(kind):
        return random.choice(SCALARS)
    return {
        "kind": random.choice([*KINDS, *KINDS, "unknown", None]),
        "f0": "s",
        "f1": 1,
        "f2": None,
    }


def item_of(kind: Any, random: Random) -> Any:
    try:
        return value_of(kind, random)
    except (GraphQLError, ValueError) as error:
        return error


class RandomSchema:
    """A schema; what its resolvers return depends on `seed` and on where in an answer they are."""

    def __init__(self, random: Random) -> None:
        self.seed = 0.0
        self._random = random
        self._types: dict[str, Any] = {}
        self._fields = {name: self._describe(name) for name in NAMES}
        self._types["I0"] = GraphQLInterfaceType("I0", self._all_fields, resolve_type=self._kind)
        for kind in KINDS:
            self._types[kind] = GraphQLObjectType(
                kind,
                self._all_fields,
                interfaces=[self._types["I0"]] if kind != "T3" else [],
                is_type_of=partial(self._is_of, kind) if random.random() < 0.3 else None,
            )
        members = [self._types[kind] for kind in ("T0", "T1", "T3")]
        self._types["U0"] = GraphQLUnionType("U0", members, resolve_type=self._kind)
        roots = [GraphQLObjectType(name, self._all_fields) for name in ("Query", "Mutation")]
        self.built = GraphQLSchema(*roots, types=list(self._types.values()))

    def _describe(self, name: str) -> tuple[Any, list[Any], dict[str, GraphQLArgument], Any]:
        """Return what is the same wherever a field stands: interfaces ask for that."""
        random = self._random
        is_leaf = name == "f0" or random.random() < 0.5
        base = random.choice(LEAVES if is_leaf else [*KINDS, *KINDS, "I0", "U0"])
        wrappers = random.choices(
            [GraphQLList, GraphQLNonNull], k=random.choice([0, 0, 0, 1, 1, 2, 3])
        )
        arguments = {
            f"a{number}": GraphQLArgument(random.choice(INPUTS))
            for number in range(random.choice([0, 0, 0, 1, 2]))
        }
        attribute = partial(dict_or_attr_resolver, name, "default")
        resolve = random.choice([attribute, None, self._resolve, self._resolve])
        return base, wrappers, arguments, self._resolve if arguments else resolve

    def _all_fields(self) -> dict[str, GraphQLField]:
        fields = {}
        for name, (base, wrappers, arguments, resolve) in self._fields.items():
            kind = self._types[base] if isinstance(base, str) else base
            for wrapper in wrappers:
                if wrapper is GraphQLList or not is_non_null_type(kind):
                    kind = wrapper(kind)
            fields[name] = GraphQLField(kind, arguments, resolve=resolve)
        return fields

    def _resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        where = (self.seed, info.path.as_list(), sorted(arguments.items(), key=str))
        return value_of(info.return_type, Random(repr(where)))

    def _kind(self, value: Any, info: Any, abstract: Any) -> Any:
        return value["kind"]

    def _is_of(self, kind: str, value: Any, info: Any) -> bool:
        return isinstance(value, dict) and value.get("kind") == kind
