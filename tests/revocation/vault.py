"""A schema in which protected types can be reached by every route graphene offers."""

import graphene
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from graphene import relay
from graphene_django import DjangoConnectionField, DjangoListField, DjangoObjectType
from graphene_django.registry import Registry
from graphql_relay import to_global_id

from revocation.decorators import login_required

SECRET = "the-protected-value"

# Each its own registry: one model has several types here, and none of them is the API's.
_protected, _public = Registry(), Registry()


def _tell(root, info):
    return SECRET


@login_required
class Entry(DjangoObjectType):
    class Meta:
        model = LogEntry
        fields = ("object_repr", "user")
        interfaces = (relay.Node,)
        registry = _protected

    shout = graphene.String()

    def resolve_shout(entry, info):
        return entry.object_repr


class Owner(DjangoObjectType):
    """Public, and so is what it says of its protected relations: that they are there."""

    class Meta:
        model = get_user_model()
        fields = ("username", "logentry_set")
        registry = _protected


@login_required
class Person(DjangoObjectType):
    class Meta:
        model = get_user_model()
        fields = ("first_name",)
        registry = _public


class PublicEntry(DjangoObjectType):
    class Meta:
        model = LogEntry
        fields = ("object_repr", "user")
        registry = _public


class DerivedEntry(Entry):
    class Meta:
        model = LogEntry
        fields = ("object_repr",)
        registry = Registry()

    added = graphene.String(default_value=SECRET)


class Titled(graphene.Interface):
    """Shared by a protected type and a public one."""

    title = graphene.String(default_value=SECRET)


@login_required
class Memo(graphene.ObjectType):
    class Meta:
        interfaces = (Titled,)

    text = graphene.String(default_value=SECRET)
    resolved = graphene.String(resolver=_tell)
    sourced = graphene.String(source="text")
    dynamic = graphene.Dynamic(lambda: graphene.String(resolver=_tell))
    late = graphene.Dynamic(lambda schema: graphene.String(resolver=_tell), with_schema=True)
    absent = graphene.Dynamic(lambda: None)
    required = graphene.Field(graphene.NonNull(graphene.String), default_value=SECRET)

    def resolve_text(root, info):
        return SECRET


class Poster(graphene.ObjectType):
    class Meta:
        interfaces = (Titled,)


class Letter(Memo):
    class Meta:
        interfaces = (Titled,)

    added = graphene.String(default_value=SECRET)


class Postcard(Letter):
    added_later = graphene.String(default_value=SECRET)


class Anything(graphene.Union):
    class Meta:
        types = (Entry, Memo)


class MemoConnection(relay.Connection):
    class Meta:
        node = Memo


class Touch(graphene.Mutation):
    """Public, with a protected type in its payload."""

    entry = graphene.Field(Entry)

    def mutate(root, info):
        return Touch(entry=LogEntry.objects.first())


class TouchAs(graphene.Mutation):
    """Public, with a protected type as its payload."""

    Output = Memo

    def mutate(root, info):
        return Memo()


class Query(graphene.ObjectType):
    node = relay.Node.Field()
    entry_by_id = relay.Node.Field(Entry)
    entries = graphene.List(Entry, resolver=lambda root, info: LogEntry.objects.all())
    django_list = DjangoListField(Entry)
    connection = DjangoConnectionField(Entry)
    derived = graphene.Field(DerivedEntry, resolver=lambda root, info: LogEntry.objects.first())
    owner = graphene.Field(Owner, resolver=lambda root, info: get_user_model().objects.first())
    public_entry = graphene.Field(PublicEntry, resolver=lambda *_: LogEntry.objects.first())
    union = graphene.Field(Anything, resolver=lambda root, info: LogEntry.objects.first())
    union_list = graphene.List(Anything, resolver=lambda root, info: [Memo()])
    titled = graphene.List(Titled, resolver=lambda root, info: [Memo()])
    public_titled = graphene.List(Titled, resolver=lambda root, info: [Poster()])
    memo = graphene.Field(Memo, resolver=lambda root, info: Memo())
    nested = graphene.List(graphene.List(Memo), resolver=lambda root, info: [[Memo()]])
    memos = relay.ConnectionField(MemoConnection, resolver=lambda root, info: [Memo()])
    letter = graphene.Field(Letter, resolver=lambda root, info: Letter())
    postcard = graphene.Field(Postcard, resolver=lambda root, info: Postcard())
    poster = graphene.Field(Poster, resolver=lambda root, info: Poster())


class Mutation(graphene.ObjectType):
    touch = Touch.Field()
    touch_as = TouchAs.Field()


NODE_ID = to_global_id("Entry", 1)

ROUTES = {
    "list": "{ entries { object_repr } }",
    "list of a model": "{ django_list { object_repr } }",
    "connection": "{ connection { edges { node { object_repr } } } }",
    "node(id)": f'{{ node(id: "{NODE_ID}") {{ ... on Entry {{ object_repr }} }} }}',
    "node(id) of the type": f'{{ entry_by_id(id: "{NODE_ID}") {{ object_repr }} }}',
    "foreign key": "{ public_entry { user { first_name } } }",
    "reverse relation": "{ owner { logentry_set { edges { node { object_repr } } } } }",
    "own resolver": "{ entries { shout } }",
    "relation of the protected type": "{ entries { user { username } } }",
    "derived model type": "{ derived { object_repr } }",
    "field of a derived model type": "{ derived { added } }",
    "mutation payload": "mutation { touch { entry { object_repr } } }",
    "mutation output": "mutation { touch_as { text } }",
    "union": "{ union { ... on Entry { object_repr } } }",
    "list of a union": "{ union_list { ... on Memo { text } } }",
    "interface": "{ titled { title } }",
    "type under an interface": "{ titled { ... on Memo { text } } }",
    "field of an interface": "{ memo { title } }",
    "nested list": "{ nested { text } }",
    "plain connection": "{ memos { edges { node { text } } } }",
    "resolver of the field": "{ memo { resolved } }",
    "source of the field": "{ memo { sourced } }",
    "dynamic field": "{ memo { dynamic } }",
    "dynamic field that knows the schema": "{ memo { late } }",
    "required field": "{ memo { required } }",
    "derived type": "{ letter { text } }",
    "interface of a derived type": "{ letter { title } }",
    "field of a derived type": "{ letter { added } }",
    "type derived twice": "{ postcard { text } }",
    "field of a type derived twice": "{ postcard { added_later } }",
    "fragment": "{ memo { ...F } } fragment F on Memo { text }",
    "interface fragment": "{ memo { ...F } } fragment F on Titled { title }",
    "alias": "{ memo { harmless: text } }",
}

schema = graphene.Schema(
    query=Query,
    mutation=Mutation,
    types=[Memo, Poster, DerivedEntry],
    auto_camelcase=False,
)
