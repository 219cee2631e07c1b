"""GraphQL over HTTP: media types and statuses."""

import pytest

from api.negotiation import GRAPHQL, HTML, JSON, preferred

from .conftest import LEGACY, STRICT

APOLLO = "application/graphql-response+json,application/json;q=0.9"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (APOLLO, GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{JSON}, */*", JSON),
        (f"{GRAPHQL};q=0.5, {JSON};q=0.6", JSON),
        (f"{JSON};q=0, {GRAPHQL}", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        ("Application/JSON ; Charset=UTF-8 ; Q=0.3 , image/png", JSON),
        (f"{GRAPHQL} ; q = 1.000", GRAPHQL),
        (JAVA, JSON),
        (CHROME, JSON),
        ("image/png", None),
        (f"{JSON};q=0", None),
        (f"{JSON};q=nan", None),
        (f"{JSON};q=2", None),
        (";;,,=/q", None),
        ("," * 10_000, None),
    ],
)
def test_the_media_type_is_the_one_the_client_ranks_highest(accept, chosen):
    assert preferred(accept) == chosen


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [(CHROME, HTML), ("*/*", JSON), (f"{JSON}, {HTML}", JSON), (APOLLO, GRAPHQL), (HTML, HTML)],
)
def test_a_page_is_shown_only_to_those_who_prefer_one(accept, chosen):
    assert preferred(accept, (JSON, GRAPHQL, HTML)) == chosen


@pytest.mark.parametrize("media_type", [LEGACY, STRICT])
def test_answers_say_their_media_type_and_that_they_are_utf8(http, media_type):
    response = http.post({"query": "{ version }"}, accept=media_type)

    assert response.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert response.json() == {"data": {"version": "1"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ('query ($x: Int = 1) { number(x: "1") }', "GRAPHQL_VALIDATION_FAILED"),
        ("query ($x: Int!) { number(x: $x) }", "BAD_USER_INPUT"),
        ("query A { version } query B { version }", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment F on Query { version }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
@pytest.mark.parametrize(("media_type", "status"), [(LEGACY, 200), (STRICT, 400)])
def test_a_request_that_cannot_be_executed_is_400_for_those_who_read_it(
    http, query, code, media_type, status
):
    response = http.post({"query": query}, accept=media_type)

    assert response.status_code == status
    assert {error["extensions"]["code"] for error in response.json()["errors"]} >= {code}
    assert "data" not in response.json()


@pytest.mark.parametrize("media_type", [LEGACY, STRICT])
def test_a_field_that_fails_leaves_the_status_200(http, media_type):
    response = http.post({"query": '{ raises(what: "key") version }'}, accept=media_type)

    assert response.status_code == 200
    assert response.json()["data"] == {"raises": None, "version": "1"}


def test_a_failing_required_field_nulls_the_data_with_status_200(http):
    response = http.post({"query": "{ missing }"}, accept=STRICT)

    assert response.status_code == 200
    assert response.json()["data"] is None


@pytest.mark.django_db
def test_nothing_is_executed_for_a_client_that_accepts_no_answer_of_ours(http):
    from django.contrib.auth.models import Group

    response = http.post({"query": 'mutation { touch(name: "x") { ok } }'}, accept="image/png")

    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert not Group.objects.exists()


def test_answers_are_not_stored_and_vary_by_what_they_depend_on(http):
    response = http.post({"query": "{ version }"})

    assert response.headers["Cache-Control"] == "no-store"
    assert {"Accept", "Authorization"} <= set(response.headers["Vary"].split(", "))


class TestMethods:
    def test_get_answers_queries(self, http):
        response = http.get(
            query="query Q($t: String) { echo(text: $t) }",
            variables='{"t": "é"}',
            operationName="Q",
        )

        assert response.status_code == 200
        assert response.json() == {"data": {"echo": "é"}}

    def test_get_takes_empty_parameters_for_absent_ones(self, http):
        response = http.get(query="{ version }", variables="", operationName="", extensions="")

        assert response.json() == {"data": {"version": "1"}}

    @pytest.mark.parametrize("name", ["variables", "extensions"])
    @pytest.mark.parametrize("value", ["{", "[]", '"x"'])
    def test_get_refuses_parameters_that_are_no_json_object(self, http, name, value):
        response = http.get(query="{ version }", **{name: value})

        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}

    @pytest.mark.django_db
    def test_get_does_not_execute_mutations(self, http):
        from django.contrib.auth.models import Group

        response = http.get(query='mutation { touch(name: "x") { ok } }')

        assert response.status_code == 405
        assert response.headers["Allow"] == "POST"
        assert not Group.objects.exists()

    def test_get_refuses_a_thousand_parameters(self, http):
        response = http.client.get("/graphql?" + "&".join(f"a{i}=1" for i in range(2000)))

        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "head", "trace"])
    def test_other_methods_are_told_which_to_use(self, http, method):
        response = getattr(http.client, method)("/graphql")

        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, POST"

    def test_options_says_what_may_be_asked(self, http):
        response = http.client.options("/graphql")

        assert response.status_code == 204
        assert response.headers["Allow"] == "GET, POST"

    def test_the_trailing_slash_changes_nothing(self, http):
        body = '{"query": "{ version }"}'
        response = http.client.post("/graphql/", body, content_type="application/json")

        assert response.json() == {"data": {"version": "1"}}
