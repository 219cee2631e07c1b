"""What clients may read about a failure."""

import logging

import pytest
from django.middleware.security import SecurityMiddleware

from tests.api.endpoint import SECRET

from .conftest import STRICT

RAISES = "query ($what: String!) { raises(what: $what) }"


@pytest.mark.parametrize(
    ("what", "extensions", "message"),
    [
        (
            "token_missing",
            {"code": "UNAUTHENTICATED", "reason": "TOKEN_MISSING"},
            "You do not have permission to perform this action",
        ),
        (
            "token_revoked",
            {"code": "UNAUTHENTICATED", "reason": "TOKEN_REVOKED"},
            "Token has been revoked",
        ),
        (
            "jwt_expired",
            {"code": "UNAUTHENTICATED", "reason": "TOKEN_EXPIRED"},
            "Signature has expired",
        ),
        (
            "jwt_permission",
            {"code": "FORBIDDEN", "reason": "PERMISSION_DENIED"},
            "You do not have permission to perform this action",
        ),
        ("jwt_other", {"code": "UNAUTHENTICATED", "reason": "TOKEN_INVALID"}, "Invalid token"),
        (
            "django_permission",
            {"code": "FORBIDDEN", "reason": "PERMISSION_DENIED"},
            "You do not have permission to perform this action",
        ),
        ("http404", {"code": "NOT_FOUND", "reason": "NOT_FOUND"}, "Not found"),
        ("told", {"code": "BAD_USER_INPUT"}, "This name is taken"),
        ("told_with_code", {"code": "TOO_LATE", "hour": 9}, "Too late"),
    ],
)
def test_what_a_resolver_means_for_the_client_reaches_it(http, what, extensions, message):
    error = http.error(RAISES, what=what)

    assert error["extensions"] == extensions
    assert error["message"] == message
    assert error["path"] == ["raises"]
    assert error["locations"]


@pytest.mark.parametrize("what", ["key", "type"])
def test_any_other_exception_is_in_the_log_only_under_its_error_id(http, caplog, what):
    response = http.post({"query": RAISES, "variables": {"what": what}})
    [error] = response.json()["errors"]
    error_id = error["extensions"]["errorId"]

    assert SECRET not in response.content.decode()
    assert error["message"] == "Internal server error"
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "errorId": error_id}
    [record] = [record for record in caplog.records if error_id in record.getMessage()]
    assert record.levelno == logging.ERROR
    assert record.exc_info[0] in {KeyError, TypeError}
    assert "raises" in record.getMessage()


def test_each_failure_has_an_error_id_of_its_own(http):
    errors = http.ask('{ a: raises(what: "key") b: raises(what: "key") }')["errors"]

    assert errors[0]["extensions"]["errorId"] != errors[1]["extensions"]["errorId"]


@pytest.mark.parametrize("query", ["{ wrongNumber }", "{ missing }"])
def test_what_graphql_says_about_our_own_values_is_masked(http, query):
    response = http.post({"query": query})

    assert response.json()["errors"][0]["message"] == "Internal server error"
    assert SECRET not in response.content.decode()


class TestWhatWasSentIsNotRepeated:
    """A password in the wrong place must not travel further."""

    @pytest.mark.parametrize(
        ("query", "variables"),
        [
            ("query ($x: Int) { number(x: $x) }", {"x": SECRET}),
            ("query ($x: String) { echo(text: $x) }", {"x": {"password": SECRET}}),
            ("query ($x: String) { echo(text: $x) }", {"x": [SECRET]}),
            ("query ($x: Credentials) { login(with: $x) }", {"x": SECRET}),
            ("query ($x: Credentials) { login(with: $x) }", {"x": {"password": SECRET}}),
            ("query ($x: Credentials) { login(with: $x) }", {"x": {SECRET: 1}}),
            ("query ($x: Credentials) { login(with: $x) }", {"x": {"name": 1, "password": SECRET}}),
        ],
    )
    @pytest.mark.parametrize("debug", [True, False])
    def test_of_variables(self, http, settings, caplog, query, variables, debug):
        settings.DEBUG = debug
        with caplog.at_level(logging.DEBUG):
            response = http.post({"query": query, "variables": variables}, accept=STRICT)

        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
        assert "'$x'" in response.json()["errors"][0]["message"]
        assert SECRET not in response.content.decode() + caplog.text

    @pytest.mark.parametrize(
        "query",
        [
            f'{{ number(x: "{SECRET}") }}',
            f"{{ echo(text: {SECRET}) }}",
            f'{{ echo(text: ["{SECRET}"]) }}',
            f'{{ echo(text: {{password: "{SECRET}"}}) }}',
            f'{{ login(with: "{SECRET}") }}',
            f'{{ login(with: {{name: 1, password: "{SECRET}"}}) }}',
            f'query ($x: Int = "{SECRET}") {{ number(x: $x) }}',
            f'{{ login(with: {{password: "{SECRET}"}}) }}',
        ],
    )
    def test_of_literals(self, http, caplog, query):
        with caplog.at_level(logging.DEBUG):
            response = http.post({"query": query}, accept=STRICT)

        assert response.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
        assert SECRET not in response.content.decode() + caplog.text

    @pytest.mark.parametrize(
        "text",
        [
            f'"pa"{SECRET}"',
            f'"pa"{SECRET}',
            f'{SECRET}"',
            f"'{SECRET}'",
            f'"{SECRET}\\q"',
            f'"\\u{{{SECRET}}}"',
            f'"\\u{SECRET[:4]}{SECRET}"',
            f'"""{SECRET}""" """{SECRET}"""',
            f'"it\'s" "{SECRET}\' found"',
            f'"{SECRET}',
            f"12{SECRET}",
        ],
    )
    def test_of_text_that_cannot_be_parsed(self, http, caplog, text):
        with caplog.at_level(logging.DEBUG):
            response = http.post({"query": f"{{ echo(text: {text}) }}"}, accept=STRICT)

        [error] = response.json()["errors"]
        assert error["extensions"]["code"] in {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
        assert error["locations"]
        assert SECRET not in response.content.decode() + caplog.text
        assert SECRET[:4] not in response.content.decode()

    def test_in_an_argument_that_only_fails_when_it_is_executed(self, http):
        query = f'query ($x: String = "a") {{ login(with: {{name: $x, password: "{SECRET}"}}) }}'
        response = http.post({"query": query, "variables": {"x": None}})

        assert response.json()["errors"][0]["message"] == "Argument 'with' has an invalid value."
        assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
        assert SECRET not in response.content.decode()


class TestSuggestions:
    def test_help_those_who_may_see_the_schema(self, http):
        assert "version" in http.error("{ versio }")["message"]

    def test_tell_nothing_to_the_others(self, http, settings):
        settings.INTROSPECTION = False

        assert "version" not in http.error("{ versio }")["message"]


class TestChallenge:
    @pytest.mark.parametrize(
        ("what", "challenge"),
        [
            ("token_missing", "Bearer"),
            ("token_revoked", 'Bearer error="invalid_token"'),
            ("jwt_permission", None),
            ("key", None),
        ],
    )
    def test_is_sent_when_a_field_wanted_a_better_token(self, http, what, challenge):
        response = http.post({"query": RAISES, "variables": {"what": what}})

        assert response.headers.get("WWW-Authenticate") == challenge

    def test_is_sent_once_for_a_batch(self, http):
        entries = [
            {"query": RAISES, "variables": {"what": what}}
            for what in ("token_missing", "token_revoked")
        ]

        response = http.post(entries)

        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


class TestFailuresOutsideAnyResolver:
    @pytest.mark.parametrize("debug", [True, False])
    def test_of_the_view_itself_are_graphql_json(self, http, settings, monkeypatch, debug):
        settings.DEBUG = debug
        monkeypatch.setattr("api.view.execute", lambda *_: 1 / 0)
        response = http.post({"query": "{ version }"}, accept=STRICT)

        assert response.status_code == 500
        assert response.headers["Content-Type"].startswith(STRICT)
        assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"

    @pytest.mark.parametrize("debug", [True, False])
    def test_around_the_view_are_graphql_json_too(self, http, settings, caplog, monkeypatch, debug):
        settings.DEBUG = debug
        monkeypatch.setattr("api.view.GraphQLView.__call__", lambda *_: 1 / 0)
        response = http.post({"query": "{ version }"})
        error_id = response.json()["errors"][0]["extensions"]["errorId"]

        assert response.status_code == 500
        [record] = [record for record in caplog.records if error_id in record.getMessage()]
        assert record.exc_info[0] is ZeroDivisionError

    @pytest.mark.parametrize("debug", [True, False])
    def test_of_a_middleware_are_graphql_json_too(self, http, settings, caplog, monkeypatch, debug):
        settings.DEBUG = debug
        monkeypatch.setattr(SecurityMiddleware, "process_request", lambda *_: 1 / 0)
        response = http.post({"query": "{ version }"})
        error_id = response.json()["errors"][0]["extensions"]["errorId"]

        assert response.status_code == 500
        assert error_id in caplog.text

    @pytest.mark.parametrize("debug", [True, False])
    def test_a_foreign_host_is_refused_in_graphql_json(self, http, settings, debug):
        settings.DEBUG = debug
        settings.ALLOWED_HOSTS = ["api.example.com"]
        response = http.post({"query": "{ version }"}, host="evil.example")

        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}

    def test_elsewhere_are_pages_as_ever(self, http):
        response = http.client.get("/nowhere")

        assert response.status_code == 404
        assert response.headers["Content-Type"].startswith("text/html")


def test_values_that_fast_json_cannot_write_are_written_all_the_same(http):
    assert http.ask("{ huge }") == {"data": {"huge": 2**64}}


def test_an_operation_the_schema_does_not_have_is_refused(http):
    body = '{"query": "mutation { touch }"}'
    mutation = http.client.post("/queries-only", body, content_type="application/json")
    subscription = http.post({"query": "subscription { version }"})

    for response in (mutation, subscription):
        codes = {error["extensions"]["code"] for error in response.json()["errors"]}
        assert codes <= {"OPERATION_RESOLUTION_FAILURE", "GRAPHQL_VALIDATION_FAILED"}


def test_an_unknown_operation_name_is_not_repeated(http):
    response = http.post({"query": "query A { version }", "operationName": SECRET})

    assert response.json()["errors"][0]["extensions"] == {"code": "OPERATION_RESOLUTION_FAILURE"}
    assert SECRET not in response.content.decode()


def test_the_operation_of_that_name_is_executed(http):
    query = "query A { a: version } query B { b: version }"

    assert http.post({"query": query, "operationName": "B"}).json() == {"data": {"b": "1"}}
