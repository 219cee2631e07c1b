"""How much a document asks for, counted without executing it and in time linear in its length."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})


@dataclass(slots=True)
class Measure:
    """Sizes of a document, or of one definition in it."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    has_introspection: bool = False

    def include(self, other: "Measure", *, at_depth: int | None) -> None:
        """Add what a spread brings in; without a depth, the depth of it does not matter."""
        if at_depth is not None:
            self.depth = max(self.depth, at_depth + other.depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.has_introspection |= other.has_introspection


@dataclass(slots=True)
class _Definition:
    """A definition by itself: its own sizes, and the fragments it spreads, at which depth."""

    own: Measure = field(default_factory=Measure)
    spreads: list[tuple[str, int | None]] = field(default_factory=list)


def measure(document: DocumentNode) -> Measure:
    """Return the sizes of the operations in `document`, each fragment counted at every spread.

    Depth is that of nested fields. Inside `__schema` and `__type` it is not counted: what lies
    there is the schema, which ends by itself, and tools go as deep as types can be wrapped.
    Fragments that spread each other in a circle are not counted; validation refuses them.
    """
    total = Measure()
    fragments = _measure_fragments(document)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            total.include(_resolve(_read(definition), fragments), at_depth=0)
    return total


def _measure_fragments(document: DocumentNode) -> Mapping[str, Measure]:
    read = {
        definition.name.value: _read(definition)
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    spreads = {name: {spread for spread, _ in item.spreads} for name, item in read.items()}
    measured: dict[str, Measure] = {}
    try:
        for name in TopologicalSorter(spreads).static_order():
            if name in read:
                measured[name] = _resolve(read[name], measured)
    except CycleError:
        return {}
    return measured


def _resolve(definition: _Definition, fragments: Mapping[str, Measure]) -> Measure:
    total = definition.own
    for name, depth in definition.spreads:
        if name in fragments:
            total.include(fragments[name], at_depth=depth)
    return total


def _read(definition: DefinitionNode) -> _Definition:
    """Walk one definition; with a stack of our own, since nesting is the client's choice."""
    read = _Definition()
    own = read.own
    variables = getattr(definition, "variable_definitions", None) or ()
    own.directives += sum(len(node.directives) for node in (definition, *variables))
    stack: list[tuple[SelectionSetNode, int | None]] = [(definition.selection_set, 0)]
    while stack:
        selection_set, depth = stack.pop()
        for selection in selection_set.selections:
            own.directives += len(selection.directives)
            inner = depth
            if isinstance(selection, FragmentSpreadNode):
                read.spreads.append((selection.name.value, depth))
                continue
            if isinstance(selection, FieldNode):
                inner = _enter(selection, own, depth)
            if selection.selection_set:
                stack.append((selection.selection_set, inner))
    return read


def _enter(node: FieldNode, own: Measure, depth: int | None) -> int | None:
    """Count one field, and return the depth of what is selected in it."""
    own.fields += 1
    own.aliases += node.alias is not None
    if depth is not None:
        depth += 1
        own.depth = max(own.depth, depth)
    if node.name.value in INTROSPECTION_FIELDS:
        own.has_introspection = True
        return None
    return depth
