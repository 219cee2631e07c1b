"""How much one request may ask for, and that asking for more costs little."""

import gc
import sys

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from graphql import get_introspection_query

from api.errors import Refusal
from api.limits import limits
from api.parsing import parse

# Function calls, Python's and C's: unlike seconds, the same on every machine. A million take
# about a fifth of a second.
AFFORDABLE_CALLS = 1_000_000


class Effort:
    """Counts the function calls that are made inside."""

    calls = 0

    def __enter__(self):
        # Garbage of tests before has finalizers, whose calls are nobody's effort here.
        gc.disable()
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)
        gc.enable()

    def _count(self, frame, event, argument):
        self.calls += event in {"call", "c_call"}


def nested(depth: int) -> str:
    return "{ " + "me { " * (depth - 1) + "version" + " }" * depth


def aliases(count: int) -> str:
    return "{ " + " ".join(f"a{i}: version" for i in range(count)) + " }"


def directives(count: int) -> str:
    return "{ " + "version @include(if: true) " * count + " }"


def mutations(count: int) -> str:
    return (
        "mutation { " + " ".join(f'a{i}: touch(name: "{i}") {{ ok }}' for i in range(count)) + "}"
    )


def laughs(count: int, *, body: str) -> str:
    """A billion laughs: each fragment spreads the next one twice."""
    parts = [f"fragment F{i} on Query {{ {body.format(f'F{i + 1}')} }}" for i in range(count)]
    return " ".join(["{ ...F0 }", *parts, f"fragment F{count} on Query {{ version }}"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (nested(16), "TOO_DEEP"),
        ("{ me { ...F } } fragment F on Query " + nested(15), "TOO_DEEP"),
        ("{ ... on Query { ... on Query " + nested(16) + "} }", "TOO_DEEP"),
        (aliases(101), "TOO_MANY_ALIASES"),
        ("{ " + "me { ...F } " * 11 + "} fragment F on Query " + aliases(10), "TOO_MANY_ALIASES"),
        (directives(51), "TOO_MANY_DIRECTIVES"),
        ("query " + "@a " * 51 + "{ version }", "TOO_MANY_DIRECTIVES"),
        (mutations(11), "TOO_MANY_MUTATIONS"),
        ("{ " + "version " * 2001 + "}", "TOO_MANY_FIELDS"),
        ("{ " + "version " * 5001 + "}", "QUERY_TOO_LARGE"),
        ('{ echo(text: "' + "x" * 100_000 + '") }', "QUERY_TOO_LARGE"),
        ("#\n" * 1001 + "{ version }", "QUERY_TOO_LARGE"),
    ],
)
def test_more_than_the_limit_is_refused_with_its_reason(http, query, reason):
    assert http.extensions(query) == {"code": "LIMIT_EXCEEDED", "reason": reason}
    assert not Group.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("query", [nested(15), aliases(100), directives(50), mutations(10)])
def test_the_limit_itself_is_allowed(http, query):
    assert "errors" not in http.ask(query)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (aliases(20_000), "TOO_MANY_ALIASES"),
        (nested(1_000), "TOO_DEEP"),
        ("{ echo(text: " + "[" * 5_000 + "]" * 5_000 + ") }", "TOO_DEEP"),
        ("{ version " + "@a" * 30_000 + "}", "TOO_MANY_DIRECTIVES"),
        ('{ echo(text: "' + "x" * 1_000_000 + '") }', "QUERY_TOO_LARGE"),
        ("{" + " version" * 100_000 + "}", "QUERY_TOO_LARGE"),
        (" " * 1_000_000 + "{ version }", "QUERY_TOO_LARGE"),
        (laughs(100, body="a: me {{ ...{0} }} b: me {{ ...{0} }}"), "TOO_MANY_ALIASES"),
        (laughs(13, body="left {{ ...{0} }} right {{ ...{0} }}"), "TOO_MANY_FIELDS"),
        (laughs(13, body="left {{ ...{0} }} l: left {{ ...{0} }}"), "TOO_MANY_ALIASES"),
        (laughs(400, body="...{0} ...{0}"), "TOO_MANY_FIELDS"),
    ],
)
def test_the_worst_texts_are_refused_before_they_cost_much(http, query, reason):
    http.ask("{ version }")

    with Effort() as effort:
        extensions = http.extensions(query)

    assert extensions["reason"] == reason
    assert effort.calls < AFFORDABLE_CALLS


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { me { ...B } } fragment B on Query { me { ...A } }",
        "{ ...Unknown }",
        "{ version } fragment A on Query { version } fragment A on Query { version }",
    ],
)
def test_fragments_in_a_circle_or_from_nowhere_are_merely_invalid(http, query):
    codes = {error["extensions"]["code"] for error in http.ask(query)["errors"]}

    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


def test_fields_of_one_name_are_not_compared_for_ever(http):
    with Effort() as effort:
        http.ask("{ " + "me { version } " * 600 + " }")

    assert effort.calls < AFFORDABLE_CALLS


def test_a_text_of_any_length_costs_no_more_than_its_allowed_beginning():
    def effort_for(length):
        with Effort() as effort, pytest.raises(Refusal):
            parse('{ echo(text: "' + "x" * length + '") }', limits())
        return effort.calls

    allowed = limits().query_characters
    # What is read once, settings for instance, is read before.
    effort_for(allowed)

    assert effort_for(10_000_000) <= effort_for(allowed)


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(
            descriptions=True,
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
        ),
        "{ __schema { types { fields { type " + "{ ofType " * 30 + "{ name }" + "}" * 33 + "}",
    ],
)
def test_the_introspection_of_tools_passes_however_deep_they_unwrap_types(http, query):
    assert http.ask(query)["data"]["__schema"]["types"]


class TestIntrospectionSwitchedOff:
    @pytest.mark.parametrize(
        "query",
        [
            "{ __schema { queryType { name } } }",
            '{ __type(name: "Query") { name } }',
            "{ ...F } fragment F on Query { s: __schema { queryType { name } } }",
            get_introspection_query(),
        ],
    )
    def test_refuses_to_tell_the_schema(self, http, settings, query):
        settings.INTROSPECTION = False

        assert http.extensions(query) == {"code": "INTROSPECTION_DISABLED"}

    def test_leaves_typename(self, http, settings):
        settings.INTROSPECTION = False

        assert http.ask("{ __typename }") == {"data": {"__typename": "Query"}}

    def test_holds_for_a_document_that_was_answered_before(self, http, settings):
        http.ask("{ __schema { queryType { name } } }")
        settings.INTROSPECTION = False

        extensions = http.extensions("{ __schema { queryType { name } } }")
        assert extensions == {"code": "INTROSPECTION_DISABLED"}


@pytest.mark.django_db
class TestOncePerRequest:
    ONE = 'tokenAuth(username: "{0}", password: "x") {{ token }}'
    REFUSED = {"code": "LIMIT_EXCEEDED", "reason": "ONE_PER_REQUEST"}

    @pytest.mark.parametrize(
        "query",
        [
            f"mutation {{ a: {ONE} b: {ONE} }}",
            f"mutation {{ {ONE} ... on Mutation {{ b: {ONE} }} }}",
            f"mutation {{ a: {ONE} ...F }} fragment F on Mutation {{ b: {ONE} }}",
        ],
    )
    def test_two_sign_ins_compare_no_password(self, http, query):
        assert http.extensions(query.replace("{{", "{").replace("}}", "}")) == self.REFUSED
        assert not Group.objects.exists()

    def test_the_same_sign_in_written_twice_is_one(self, http):
        one = self.ONE.format("a")

        assert "errors" not in http.ask(f"mutation {{ {one} {one} }}")
        assert Group.objects.count() == 1

    def test_two_in_a_batch_compare_no_password_and_leave_the_others_whole(self, http):
        sign_ins = [{"query": f"mutation {{ {self.ONE.format(name)} }}"} for name in "ab"]
        first, between, second = http.post(
            [sign_ins[0], {"query": "{ version }"}, sign_ins[1]]
        ).json()

        assert first["errors"][0]["extensions"] == self.REFUSED
        assert second["errors"][0]["extensions"] == self.REFUSED
        assert between == {"data": {"version": "1"}}
        assert not Group.objects.exists()

    def test_one_after_the_other_is_fine(self, http):
        for name in "ab":
            assert "errors" not in http.ask(f"mutation {{ {self.ONE.format(name)} }}")


class TestBatch:
    def test_answers_come_in_the_order_of_the_entries(self, http):
        entries = [{"query": f'{{ echo(text: "{i}") }}'} for i in range(10)]
        response = http.post(entries)

        assert response.status_code == 200
        assert [entry["data"]["echo"] for entry in response.json()] == [str(i) for i in range(10)]

    def test_one_too_many_is_one_clear_400(self, http):
        response = http.post([{"query": "{ version }"}] * 11)

        assert response.status_code == 400
        extensions = response.json()["errors"][0]["extensions"]
        assert extensions == {"code": "LIMIT_EXCEEDED", "reason": "BATCH_TOO_LARGE"}

    def test_a_bad_entry_leaves_the_others_whole(self, http):
        bad = [None, 1, "x", [], {}, {"query": "{"}, {"query": "{ nothing }"}, {"query": 1}]
        answers = http.post([*bad, {"query": "{ version }"}]).json()

        assert answers[-1] == {"data": {"version": "1"}}
        assert all(list(answer) == ["errors"] for answer in answers[:-1])

    def test_an_entry_that_fails_in_our_own_code_leaves_the_others_whole(self, http, monkeypatch):
        from api import view

        execute = view.execute

        def fail_once(schema, operation, *arguments):
            return 1 / 0 if operation.name == "Bad" else execute(schema, operation, *arguments)

        monkeypatch.setattr(view, "execute", fail_once)
        bad, good = http.post([{"query": "query Bad { version }"}, {"query": "{ version }"}]).json()

        assert bad["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert good == {"data": {"version": "1"}}


class TestSettings:
    @pytest.mark.parametrize(
        ("limit", "query"),
        [
            ("DEPTH", nested(2)),
            ("ALIASES", aliases(2)),
            ("DIRECTIVES", directives(2)),
            ("FIELDS", "{ version me { version } }"),
            ("TOKENS", "{ version }"),
            ("QUERY_CHARACTERS", "{ version }"),
        ],
    )
    def test_each_limit_is_a_setting_that_acts_at_once(self, http, settings, limit, query):
        assert "errors" not in http.ask(query)
        settings.REVOCATION = {"LIMITS": {limit: 1}}

        # Another text, since a limit of the text alone does not concern one that was read before.
        assert http.extensions(query + " ")["code"] == "LIMIT_EXCEEDED"

    def test_an_unknown_limit_is_told_with_the_nearest_known_one(self, settings):
        settings.REVOCATION = {"LIMITS": {"DEEPTH": 1}}

        with pytest.raises(ImproperlyConfigured, match=r"'DEEPTH'.*'DEPTH'"):
            limits()

    @pytest.mark.parametrize("value", ["15", None, -1, True])
    def test_a_limit_is_a_whole_number(self, settings, value):
        settings.REVOCATION = {"LIMITS": {"DEPTH": value}}

        with pytest.raises(ImproperlyConfigured, match="whole number"):
            limits()
