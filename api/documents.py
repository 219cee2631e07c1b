"""Documents, parsed and validated once for each distinct text.

The cache is bounded by entries and by bytes, and holds valid documents only: nothing about users,
variables or verdicts. What may change while a document is kept (limits, the introspection
switch) is asked for every request.
"""

import hashlib
import sys
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from .errors import refusal
from .limits import Limits, exceeded, limits
from .measure import Measure, measure
from .parsing import parse
from .plans import Plans
from .validation import ensure_valid

# Measured: 320 to 410 bytes of syntax tree for each token of the text, and up to 200 of plan for
# each field of one and each node it is kept by.
BYTES_PER_TOKEN = 400
BYTES_IN_PLANS = 200
# For each field of the text: by itself, its share in keys, and once more for another object type.
PLACES_PER_FIELD = 3


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a document, ready to be executed."""

    document: DocumentNode
    node: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    name: str | None
    type: OperationType
    is_mutation: bool
    # Whether it can be executed: as a subscription, or without a root type, it cannot.
    is_served: bool
    # How many times each root field is executed; the same response key twice is executed once.
    root_fields: Counter[str]
    is_repeating: bool
    # Those of the document, or None where directives may have each request select other fields.
    plans: Plans | None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A valid document."""

    operations: dict[str | None, Operation]
    measure: Measure
    bytes: int
    # The SHA-256 of the text, or None where it may not be named by it.
    hash: str | None

    def operation(self, name: str | None) -> Operation:
        """Return the operation to execute (GraphQL spec, 6.1, "GetOperation")."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name in self.operations:
            return self.operations[name]
        message = "Unknown operation name." if name else "Must provide an operation name."
        raise refusal(message, "OPERATION_RESOLUTION_FAILURE")


class Documents:
    """The documents of one schema, least recently used forgotten first. Threads may share it."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._lock = Lock()
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._texts: dict[str, str] = {}
        self._bytes = 0

    def text(self, digest: str) -> str | None:
        """Return the text with this SHA-256, if it is kept and may be named by it."""
        return self._texts.get(digest)

    def operation(self, text: str, name: str | None) -> Operation:
        """Return the operation `name` of the document `text`. Raises `Refusal`."""
        allowed = limits()
        with self._lock:
            document = self._kept.get(text)
            if document is not None:
                self._kept.move_to_end(text)
        if document is None:
            document = _read(text, self._schema, allowed)
            self._keep(text, document, allowed)
        _ensure_allowed(document.measure, allowed)
        operation = document.operation(name)
        _ensure_few_mutations(operation, allowed)
        return operation

    def _keep(self, text: str, document: Document, allowed: Limits) -> None:
        # One that takes a large share of the room would drive out all the others.
        if document.bytes > allowed.document_bytes // 8:
            return
        with self._lock:
            replaced = self._kept.pop(text, None)
            self._kept[text] = document
            if document.hash is not None:
                self._texts[document.hash] = text
            self._bytes += document.bytes - (replaced.bytes if replaced else 0)
            while len(self._kept) > allowed.documents or self._bytes > allowed.document_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.bytes
                if dropped.hash is not None:
                    del self._texts[dropped.hash]


def sha256(text: str) -> str:
    """Return what a persisted query is named by: the digest of its text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def may_be_named(text: str, tree: DocumentNode) -> bool:
    """Whether a valid text may be asked for by its hash: no value in it can be a password.

    Those belong into variables. Written out, a hash that is known would tell that the guess is
    right, and whoever guesses wrong would not be counted.
    """
    kinds = {getattr(node, "operation", OperationType.QUERY) for node in tree.definitions}
    return kinds == {OperationType.QUERY} or '"' not in text


def _read(text: str, schema: GraphQLSchema, allowed: Limits) -> Document:
    tree = parse(text, allowed)
    size = measure(tree)
    # Before validation, which costs more the more is asked for.
    _ensure_allowed(size, allowed)
    ensure_valid(tree, schema)
    room = PLACES_PER_FIELD * size.fields
    cost = sys.getsizeof(text) + BYTES_PER_TOKEN * tree.token_count + BYTES_IN_PLANS * room
    found = _operations(tree, schema, None if size.directives else Plans(room=room))
    operations = {operation.name: operation for operation in found}
    digest = sha256(text) if may_be_named(text, tree) else None
    return Document(operations, size, cost, digest)


def _ensure_allowed(size: Measure, allowed: Limits) -> None:
    if size.depth > allowed.depth:
        raise exceeded("Nested fields", allowed.depth, reason="TOO_DEEP")
    if size.aliases > allowed.aliases:
        raise exceeded("Aliases", allowed.aliases, reason="TOO_MANY_ALIASES")
    if size.directives > allowed.directives:
        raise exceeded("Directives", allowed.directives, reason="TOO_MANY_DIRECTIVES")
    if size.fields > allowed.fields:
        raise exceeded("Fields", allowed.fields, reason="TOO_MANY_FIELDS")
    if size.has_introspection and not settings.INTROSPECTION:
        message = "Introspection is switched off on this API: __schema and __type are not answered."
        raise refusal(message, "INTROSPECTION_DISABLED")


def _ensure_few_mutations(operation: Operation, allowed: Limits) -> None:
    if operation.is_mutation and operation.root_fields.total() > allowed.mutations:
        raise exceeded("Mutations", allowed.mutations, reason="TOO_MANY_MUTATIONS")


def _operations(
    tree: DocumentNode, schema: GraphQLSchema, plans: Plans | None
) -> Iterator[Operation]:
    fragments = {
        definition.name.value: definition
        for definition in tree.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    for definition in tree.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = definition.name.value if definition.name else None
            kind = definition.operation
            fields = Counter(root_fields(definition.selection_set, fragments).values())
            is_known = schema.get_root_type(kind) is not None
            yield Operation(
                document=tree,
                node=definition,
                fragments=fragments,
                name=name,
                type=kind,
                is_mutation=kind is OperationType.MUTATION,
                is_served=kind is not OperationType.SUBSCRIPTION and is_known,
                root_fields=fields,
                is_repeating=len(fields) < fields.total(),
                plans=plans,
            )


def root_fields(
    selection_set: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]
) -> dict[str, str]:
    """Return the field behind each response key at the root of an operation."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    stack = [selection_set]
    while stack:
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode):
                key = selection.alias or selection.name
                found[key.value] = selection.name.value
            elif not isinstance(selection, FragmentSpreadNode):
                stack.append(selection.selection_set)
            elif selection.name.value not in seen:
                seen.add(selection.name.value)
                stack.append(fragments[selection.name.value].selection_set)
    return found
