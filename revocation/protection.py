"""Which rule guards each field of a schema, as the decorators have noted it.

What is said here is found, never guessed: a rule hidden inside a function counts as none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from graphene_django import settings as graphene
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type

# The rules of a resolver, the outermost first; `functools.wraps` hands them on.
_RULES = "_revocation_rules"
# What a mutation hands on to, by the module whose method does so: others may use the name as well.
_HANDED_ON_TO = {
    "graphene.relay.mutation": "mutate_and_get_payload",
    "revocation.graphql.mutations": "perform",
    "revocation.graphql.relay": "perform",
}
PUBLIC = "public"
UNDECIDED = "REVOCATION['DEFAULT_DENY'] is on, and nothing says who may use"
UNDECIDED_HINT = (
    "Put a decorator of revocation.decorators on the outside of each resolver or mutate method: "
    "@login_required, or @public."
)


@dataclass(frozen=True, slots=True)
class Protection:
    """The rules that guard a field, the outermost first; none were found where it is empty."""

    type: str
    field: str
    rules: tuple[str, ...]
    # Those that every field of the type it returns has in common.
    rules_of_result: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.type}.{self.field}"


def served_schema() -> Any:
    """Return the `graphene.Schema` that `GRAPHENE["SCHEMA"]` names; None where it names none.

    Raises `ImportError`.
    """
    # graphene-django makes them anew when they change: a name imported once would be out of date.
    return graphene.graphene_settings.SCHEMA


def note_rule(resolver: Any, rule: str) -> None:
    """Note that a resolver is guarded, outside of what guards it already."""
    setattr(resolver, _RULES, (rule, *noted_rules(resolver)))


def ensure_decided(schema: GraphQLSchema) -> None:
    """Refuse a schema with a root field that neither is guarded nor says that it is public.

    Raises `ImproperlyConfigured`, which names them.
    """
    if undecided := [str(one) for one in root_fields(schema) if not one.rules]:
        raise ImproperlyConfigured(f"{UNDECIDED}: {', '.join(undecided)}. {UNDECIDED_HINT}")


def noted_rules(resolver: Any) -> tuple[str, ...]:
    """Return what `note_rule` has noted on this very function, or on one that it wraps."""
    rules: tuple[str, ...] = getattr(resolver, _RULES, ())
    return rules


def root_fields(schema: GraphQLSchema) -> list[Protection]:
    """Return the protection of each root field, in the order of the schema."""
    roots = (
        (schema.query_type, _rules_of_field),
        (schema.mutation_type, _rules_of_field),
        (schema.subscription_type, _rules_of_subscription),
    )
    return [
        Protection(root.name, name, rules_of(field), _rules_of_result(field))
        for root, rules_of in roots
        if root is not None
        for name, field in root.fields.items()
    ]


def protected_types(schema: GraphQLSchema) -> dict[str, tuple[str, ...]]:
    """Return the object types whose every field is guarded, and the rules they share."""
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    objects = [
        kind
        for name, kind in sorted(schema.type_map.items())
        if isinstance(kind, GraphQLObjectType) and kind not in roots and name[:2] != "__"
    ]
    return {kind.name: rules for kind in objects if (rules := _rules_of_type(kind))}


def _rules_of_result(field: Any) -> tuple[str, ...]:
    result = get_named_type(field.type)
    return _rules_of_type(result) if isinstance(result, GraphQLObjectType) else ()


def _rules_of_type(kind: GraphQLObjectType) -> tuple[str, ...]:
    # A type without fields cannot be served; that is not ours to say.
    shared, *others = [_rules_of_field(field) for field in kind.fields.values()] or [()]
    return tuple(rule for rule in shared if all(rule in rules for rules in others))


def _rules_of_field(field: Any) -> tuple[str, ...]:
    return _rules_of(field.resolve)


def _rules_of_subscription(field: Any) -> tuple[str, ...]:
    # It is guarded before its first event, any other field when it is resolved.
    return _rules_of(field.subscribe or field.resolve)


def _rules_of(resolver: Any) -> tuple[str, ...]:
    """Return the rules of a resolver, or of what graphene has it call."""
    found = (noted_rules(part) for part in _parts_of(resolver))
    return tuple(dict.fromkeys(rule for rules in found for rule in rules))


def _parts_of(resolver: Any) -> Iterator[Any]:
    """Yield a resolver, and those that graphene has put into it."""
    yield resolver
    if isinstance(resolver, partial):
        # As connections and lists keep the resolver that they ask for their rows.
        for part in (resolver.func, *resolver.args):
            if callable(part) and not isinstance(part, type):
                yield from _parts_of(part)
    owner = getattr(resolver, "__self__", None)
    handed_on_to = _HANDED_ON_TO.get(getattr(resolver, "__module__", None) or "")
    if isinstance(owner, type) and handed_on_to:
        # What a mutation does may stand behind the `mutate` of its base.
        yield from _parts_of(getattr(owner, handed_on_to, None))
