"""A schema that writes protected resolvers in every way graphene takes them."""

from functools import partial, wraps

import graphene
from django.contrib.admin.models import LogEntry
from graphene import relay
from graphene_django import DjangoConnectionField, DjangoObjectType
from graphene_django.registry import Registry

from revocation.decorators import login_required

SECRET = "the-protected-value"


def _with_info_by_name(resolver):
    def call(root, info, **arguments):
        return resolver(root, info=info, **arguments)

    return call


def _with_wraps(resolver):
    @wraps(resolver)
    def call(*args, **kwargs):
        return resolver(*args, **kwargs)

    return call


def _without_wraps(resolver):
    def call(*args, **kwargs):
        return resolver(*args, **kwargs)

    return call


def run(info):
    """Leave a trace on the request, so that a test can tell whether a body ran."""
    info.context.has_run = True
    return SECRET


def tell(root, info, **arguments):
    return run(info)


class Entry(DjangoObjectType):
    class Meta:
        model = LogEntry
        fields = ("object_repr",)
        interfaces = (relay.Node,)
        registry = Registry()
        skip_registry = True


class Note(graphene.ObjectType):
    class Meta:
        interfaces = (relay.Node,)

    text = graphene.String()


class NoteConnection(relay.Connection):
    class Meta:
        node = Note


class Query(graphene.ObjectType):
    plain = graphene.String()
    static_outside = graphene.String()
    static_inside = graphene.String()
    class_outside = graphene.String()
    class_inside = graphene.String()
    as_lambda = graphene.String()
    as_partial = graphene.String()
    as_callable_object = graphene.String()
    info_by_name = graphene.String()
    under_another = graphene.String()
    over_another = graphene.String()
    under_a_careless_one = graphene.String()
    over_a_careless_one = graphene.String()
    twice = graphene.String()
    with_argument = graphene.String(text=graphene.String(default_value=""))
    given_to_field = graphene.String(resolver=login_required(tell))
    notes = relay.ConnectionField(NoteConnection)
    entries = DjangoConnectionField(Entry)
    public = graphene.String(default_value="public")

    @login_required
    def resolve_plain(root, info):
        return run(info)

    @staticmethod
    @login_required
    def resolve_static_outside(root, info):
        return run(info)

    @login_required
    @staticmethod
    def resolve_static_inside(root, info):
        return run(info)

    @classmethod
    @login_required
    def resolve_class_outside(cls, root, info):
        return run(info)

    @login_required
    @classmethod
    def resolve_class_inside(cls, root, info):
        return run(info)

    resolve_as_lambda = login_required(lambda root, info: run(info))
    resolve_as_partial = login_required(partial(tell, unused=None))
    resolve_info_by_name = _with_info_by_name(login_required(tell))
    resolve_under_another = _with_wraps(login_required(tell))
    resolve_over_another = login_required(_with_wraps(tell))
    resolve_under_a_careless_one = _without_wraps(login_required(tell))
    resolve_over_a_careless_one = login_required(_without_wraps(tell))
    resolve_twice = login_required(login_required(tell))
    resolve_with_argument = login_required(tell)

    class _Callable:
        def __call__(self, root, info):
            return run(info)

    resolve_as_callable_object = login_required(_Callable())

    @login_required
    def resolve_notes(root, info, **arguments):
        return [Note(id="1", text=run(info))]

    @login_required
    def resolve_entries(root, info, **arguments):
        run(info)
        return LogEntry.objects.all()


QUERIES = {name: f"{{ {name} }}" for name in Query._meta.fields if name != "public"} | {
    "with_argument": '{ with_argument(text: "x") }',
    "notes": "{ notes { edges { node { text } } } }",
    "entries": "{ entries { edges { node { object_repr } } } }",
}


class _Payload:
    text = graphene.String()


class PlainMutate(_Payload, graphene.Mutation):
    @login_required
    def mutate(root, info):
        return PlainMutate(text=run(info))


class StaticMutate(_Payload, graphene.Mutation):
    @staticmethod
    @login_required
    def mutate(root, info):
        return StaticMutate(text=run(info))


class ClassMutate(_Payload, graphene.Mutation):
    @classmethod
    @login_required
    def mutate(cls, root, info):
        return cls(text=run(info))


class ClassMutateInside(_Payload, graphene.Mutation):
    @login_required
    @classmethod
    def mutate(cls, root, info):
        return cls(text=run(info))


class RelayOutside(_Payload, relay.ClientIDMutation):
    @classmethod
    @login_required
    def mutate_and_get_payload(cls, root, info, **arguments):
        return cls(text=run(info))


class RelayInside(_Payload, relay.ClientIDMutation):
    @login_required
    @classmethod
    def mutate_and_get_payload(cls, root, info, **arguments):
        return cls(text=run(info))


class Mutation(graphene.ObjectType):
    plain = PlainMutate.Field()
    static = StaticMutate.Field()
    by_class = ClassMutate.Field()
    class_inside = ClassMutateInside.Field()
    relay_outside = RelayOutside.Field()
    relay_inside = RelayInside.Field()


MUTATIONS = {
    name: f"mutation {{ {name}{'(input: {})' if name.startswith('relay') else ''} {{ text }} }}"
    for name in Mutation._meta.fields
}

schema = graphene.Schema(query=Query, mutation=Mutation, auto_camelcase=False)
