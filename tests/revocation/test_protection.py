"""What guards a field can be shown, and a field that nobody decided about can be refused."""

import json
from io import StringIO

import graphene
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from graphene_django import settings as graphene_django_settings

from api.view import GraphQLView
from revocation import checks
from revocation.decorators import (
    login_required,
    permission_required,
    public,
    staff_member_required,
    superuser_required,
    user_passes_test,
)
from revocation.graphql.mutations import Logout as PlainLogout
from revocation.graphql.relay import Logout as RelayLogout
from revocation.protection import ensure_decided, protected_types, root_fields
from schema.root import schema as api_schema
from tests.revocation import guarded

# A function that hides a resolver hides its rule as well.
HIDDEN = {"info_by_name", "under_a_careless_one", "public"}


def is_adult(user):
    return False


def tell(root, info):
    return "told"


@login_required
class Secret(graphene.ObjectType):
    more = graphene.String(resolver=superuser_required(tell))
    text = graphene.String()


@public
class Open(graphene.ObjectType):
    text = graphene.String(resolver=tell)


class Query(graphene.ObjectType):
    permitted = graphene.String(resolver=permission_required(["a.x", "a.y"])(tell))
    tested = graphene.String(resolver=user_passes_test(is_adult)(tell))
    both = graphene.String(resolver=login_required(staff_member_required(tell)))
    ruled = graphene.String(resolver=superuser_required(tell))
    declared = graphene.String()
    forgotten = graphene.String(resolver=tell)
    secrets = graphene.List(graphene.NonNull(Secret))
    opened = graphene.Field(Open)

    @public
    def resolve_declared(root, info):
        return "declared"


schema = graphene.Schema(query=Query, auto_camelcase=False)


def rules(of=schema):
    return {found.field: found.rules for found in root_fields(of.graphql_schema)}


@pytest.fixture
def use(monkeypatch):
    """Let a schema be the one that graphene-django serves."""

    def use(served):
        monkeypatch.setattr(graphene_django_settings.graphene_settings, "SCHEMA", served)

    return use


def shown(*arguments):
    out = StringIO()
    call_command("protection", *arguments, stdout=out)
    return out.getvalue()


class TestRules:
    def test_are_named_as_they_are_written(self):
        assert rules() == {
            "permitted": ("permission_required('a.x', 'a.y')",),
            "tested": ("user_passes_test(is_adult)",),
            "both": ("login_required", "staff_member_required"),
            "ruled": ("superuser_required",),
            "declared": ("public",),
            "forgotten": (),
            "secrets": (),
            "opened": (),
        }

    def test_are_found_however_a_resolver_is_written(self):
        found = rules(guarded.schema)

        assert {name for name, rule in found.items() if not rule} == HIDDEN
        assert {rule for name, rule in found.items() if name not in HIDDEN} == {("login_required",)}

    def test_of_a_type_are_those_that_all_its_fields_share(self):
        types = protected_types(schema.graphql_schema)

        assert types == {"Secret": ("login_required",), "Open": ("public",)}

    def test_of_what_a_field_returns_stand_beside_its_own(self):
        [found] = [one for one in root_fields(schema.graphql_schema) if one.field == "secrets"]

        assert (found.rules, found.rules_of_result) == ((), ("login_required",))

    def test_of_one_field_are_not_taken_for_those_of_another_with_its_resolver(self):
        assert rules()["forgotten"] == ()


class TestCommand:
    def test_shows_every_field_with_its_rule(self, use):
        use(schema)

        lines = dict(line.split(maxsplit=1) for line in shown().splitlines() if line)

        assert lines["Query.both"] == "login_required, staff_member_required"
        assert lines["Query.secrets"] == "no rule found; what it returns: login_required"
        assert lines["Query.forgotten"] == "no rule found"
        assert lines["Secret"] == "login_required"

    def test_shows_them_to_programs(self, use):
        use(schema)

        found = json.loads(shown("--json"))

        assert found["types"]["Secret"] == ["login_required"]
        assert {"type": "Query", "field": "tested"}.items() <= found["fields"][1].items()

    def test_takes_another_schema(self):
        path = f"{__name__}.schema"

        assert "Query.tested" in shown("--schema", path)

    @pytest.mark.parametrize("path", ["nowhere", f"{__name__}.absent", f"{__name__}.Query"])
    def test_says_what_to_do_where_there_is_none(self, path):
        with pytest.raises(CommandError, match=r"--schema package\.module\.schema"):
            shown("--schema", path)


class TestDefaultDeny:
    @pytest.fixture(autouse=True)
    def _on(self, settings):
        settings.REVOCATION = {"DEFAULT_DENY": True}

    def test_names_each_undecided_field(self, use):
        use(schema)

        found = checks.check_undecided()

        named = [error.msg.rpartition(" ")[2] for error in found]
        assert named == ["Query.forgotten.", "Query.secrets.", "Query.opened."]
        assert {error.id for error in found} == {"revocation.E023"}

    def test_refuses_to_serve_one(self):
        with pytest.raises(ImproperlyConfigured, match=r"Query\.forgotten"):
            GraphQLView(schema)

    def test_serves_a_schema_that_is_decided(self, use):
        use(api_schema)

        GraphQLView(api_schema)

        assert checks.check_undecided() == []

    def test_is_off_unless_it_is_set(self, use, settings):
        use(schema)
        settings.REVOCATION = {}

        GraphQLView(schema)

        assert checks.check_undecided() == []
        with pytest.raises(ImproperlyConfigured):
            ensure_decided(schema.graphql_schema)


class TestWithoutASchemaToLookAt:
    """On, and looked at by nobody, is as open as off."""

    @pytest.fixture(autouse=True)
    def _on(self, settings):
        settings.REVOCATION = {"DEFAULT_DENY": True}

    @pytest.mark.parametrize("served", [None, Query, schema.graphql_schema, "a.path"])
    def test_is_named(self, use, served):
        use(served)

        [found] = checks.check_undecided()

        assert found.id == "revocation.W007"
        assert "GRAPHENE" in found.hint

    def test_is_named_where_it_cannot_be_imported(self, settings, monkeypatch):
        found = graphene_django_settings.GrapheneSettings({"SCHEMA": "nowhere.schema"})
        monkeypatch.setattr(graphene_django_settings, "graphene_settings", found)

        assert [one.id for one in checks.check_undecided()] == ["revocation.W007"]


class Mixed(graphene.ObjectType):
    """A root of queries and of subscriptions at once."""

    name = graphene.String()

    def resolve_name(root, info):
        return "told"

    @login_required
    async def subscribe_name(root, info):
        yield "told"


def test_what_guards_events_guards_no_query():
    served = graphene.Schema(query=Mixed, subscription=Mixed)

    found = [one.rules for one in root_fields(served.graphql_schema)]

    assert served.execute("{ name }").data == {"name": "told"}
    assert found == [(), ("login_required",)]


class TestWhatIsDerivedFromAPublicType:
    """Whoever mixes it into a root has not said that the rest of the root is public."""

    @pytest.fixture
    def base(self):
        @public
        class Status(graphene.ObjectType):
            version = graphene.String()
            uptime = graphene.String()

            def resolve_uptime(root, info):
                return "long"

        return Status

    def test_keeps_its_fields_public_and_adds_none(self, base):
        class Root(base):
            secrets = graphene.String()

        assert rules(graphene.Schema(query=Root)) == {
            "version": ("public",),
            "uptime": ("public",),
            "secrets": (),
        }

    def test_decides_anew_about_what_it_replaces(self, base):
        class Root(base):
            version = graphene.String()

            def resolve_uptime(root, info):
                return "somebody else's"

        assert rules(graphene.Schema(query=Root)) == {"version": (), "uptime": ()}

    def test_opens_no_field_of_that_name_from_elsewhere(self, base):
        class Other(graphene.ObjectType):
            version = graphene.String(resolver=tell)

        class Root(Other, base):
            pass

        assert rules(graphene.Schema(query=Root))["version"] == ()

    def test_may_be_abstract_in_between(self, base):
        class Between(base):
            class Meta:
                abstract = True

        class Root(Between):
            secrets = graphene.String()

        assert rules(graphene.Schema(query=Root)) == {
            "version": ("public",),
            "uptime": ("public",),
            "secrets": (),
        }

    def test_is_not_public_where_it_is_a_mutation_with_another_mutate(self):
        @public
        class Act(graphene.Mutation):
            done = graphene.Boolean()

            def mutate(root, info):
                return Act(done=True)

        class ActMore(Act):
            def mutate(root, info):
                return ActMore(done=True)

        class Root(graphene.ObjectType):
            act, act_more = Act.Field(), ActMore.Field()

        served = graphene.Schema(query=Query, mutation=Root, auto_camelcase=False)
        found = {one.field: one.rules for one in root_fields(served.graphql_schema)}

        assert (found["act"], found["act_more"]) == (("public",), ())

    def test_is_served_with_its_own_decorators(self, base):
        class Root(base):
            secrets = graphene.String(resolver=login_required(tell))

        ensure_decided(graphene.Schema(query=Root).graphql_schema)


class TestMutationsThatGoTheirOwnWay:
    """A guarded method of a name that others hand on to guards nothing where nobody calls it."""

    def rules(self, mutation):
        class Root(graphene.ObjectType):
            act = mutation.Field()

        served = graphene.Schema(query=Query, mutation=Root, auto_camelcase=False)
        return {one.field: one.rules for one in root_fields(served.graphql_schema)}["act"]

    def test_plain(self):
        class Act(graphene.Mutation):
            done = graphene.Boolean()

            @classmethod
            def mutate(cls, root, info):
                return cls(done=True)

            @classmethod
            @login_required
            def perform(cls, root, info):
                return cls(done=True)

        assert self.rules(Act) == ()

    def test_for_relay(self):
        class Act(graphene.ClientIDMutation):
            done = graphene.Boolean()

            @classmethod
            def mutate(cls, root, info, **arguments):
                return cls(done=True)

            @classmethod
            @login_required
            def mutate_and_get_payload(cls, root, info, **arguments):
                return cls(done=True)

        assert self.rules(Act) == ()

    def test_with_a_verb_of_ours_left_behind(self):
        class Act(PlainLogout):
            @classmethod
            def mutate(cls, root, info, **arguments):
                return cls(ok=True)

        assert self.rules(Act) == ()

    @pytest.mark.parametrize("mutation", [PlainLogout, RelayLogout], ids=["plain", "relay"])
    def test_but_ours_hand_on(self, mutation):
        assert self.rules(mutation) == ("public",)


def test_a_type_without_fields_is_no_obstacle():
    class Empty(graphene.ObjectType):
        pass

    class Root(graphene.ObjectType):
        nothing = graphene.Field(Empty)

    served = graphene.Schema(query=Root)

    assert rules(served) == {"nothing": ()}
    assert protected_types(served.graphql_schema) == {}


def test_a_bound_method_can_be_public_alone():
    class Service:
        def tell(self, root, info):
            return "told"

    class Root(graphene.ObjectType):
        open = graphene.String(resolver=public(Service().tell))
        other = graphene.String(resolver=Service().tell)

    served = graphene.Schema(query=Root)

    assert served.execute("{ open }").data == {"open": "told"}
    assert rules(served) == {"open": ("public",), "other": ()}


def test_a_node_field_is_decided_by_the_resolver_of_its_interface():
    class Entry(graphene.ObjectType):
        class Meta:
            interfaces = (graphene.relay.Node,)

    class OpenNode(graphene.relay.Node):
        class Meta:
            name = "OpenNode"

        @classmethod
        @login_required
        def node_resolver(cls, *arguments):
            return super().node_resolver(*arguments)

    class Root(graphene.ObjectType):
        node = graphene.relay.Node.Field()
        guarded = OpenNode.Field()

    served = graphene.Schema(query=Root, types=[Entry])

    assert rules(served) == {"node": (), "guarded": ("login_required",)}


@pytest.mark.parametrize("target", [graphene.String, "resolve", graphene.Enum("Size", ["S"])])
def test_what_is_no_resolver_cannot_be_public(target):
    with pytest.raises(TypeError, match="neither a resolver nor an object type"):
        public(target)


def test_a_public_type_answers_everybody():
    assert schema.execute("{ opened { text } }", root_value={"opened": {}}).errors is None


def test_a_public_class_method_stays_one():
    class Root(graphene.ObjectType):
        name = graphene.String()

        @public
        @classmethod
        def resolve_name(cls, root, info):
            return cls.__name__

    served = graphene.Schema(query=Root)

    assert served.execute("{ name }").data == {"name": "Root"}
    assert rules(served) == {"name": ("public",)}
