"""What a body may be, and that nothing else is executed."""

import json

import pytest
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.test import Client

from tests.api.endpoint import SECRET

from .conftest import STRICT

MUTATION = 'mutation { touch(name: "x") { ok } }'


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_labelled_in_any_spelling(http, content_type):
    response = http.post({"query": "{ version }"}, content_type=content_type)

    assert response.json() == {"data": {"version": "1"}}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain; application/json",
        "application/graphql",
        "application/jsonp",
        "application/json, text/plain",
        "application/json; charset=latin-1",
        "multipart/form-data; boundary=x",
        "",
    ],
)
def test_only_json_bodies_execute(http, content_type):
    response = http.post({"query": MUTATION}, content_type=content_type)

    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert not Group.objects.exists()


@pytest.mark.django_db
def test_a_form_of_another_page_does_not_execute(http):
    url_encoded = http.client.post(
        "/graphql", f"query={MUTATION}", content_type="application/x-www-form-urlencoded"
    )
    multipart = http.client.post("/graphql", {"query": MUTATION})

    assert (url_encoded.status_code, multipart.status_code) == (415, 415)
    assert not Group.objects.exists()


def test_json_needs_no_csrf_token(http):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/graphql", {"query": "{ version }"}, content_type="application/json")

    assert response.json() == {"data": {"version": "1"}}


@pytest.mark.django_db
def test_the_url_of_a_post_has_no_say(http):
    response = http.client.post(
        "/graphql", "{}", content_type="application/json", query_params={"query": MUTATION}
    )

    assert response.status_code == 400
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        " ",
        "{",
        "null",
        "1",
        '"{ version }"',
        "{}",
        '{"query": null}',
        '{"query": ""}',
        '{"query": 1}',
        '{"query": {"a": 1}}',
        '{"query": ["{ version }"]}',
        '{"query": "{ version }", "variables": "{}"}',
        '{"query": "{ version }", "variables": []}',
        '{"query": "{ version }", "variables": false}',
        '{"query": "{ version }", "operationName": 1}',
        '{"query": "{ version }", "extensions": "x"}',
        '{"query": "{ version }", "variables": {"x": NaN}}',
        '{"query": "{ version }", "variables": {"x": 1e999}}',
        '{"query": "{ version }", "variables": {"x": "\\ud800"}}',
        '{"query": "{ version }"} trailing',
        b'\xef\xbb\xbf{"query": "{ version }"}',
        '{"query": "{ version }"}'.encode("utf-16"),
        b'{"query": "\xff"}',
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[]",
    ],
)
@pytest.mark.parametrize("media_type", ["application/json", STRICT])
def test_a_malformed_request_is_400_whatever_the_client_accepts(http, body, media_type):
    response = http.post(body, accept=media_type)

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


def test_an_empty_body_is_malformed_too(http):
    response = http.client.post("/graphql", CONTENT_TYPE="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize(
    "extra",
    [
        {"variables": None, "operationName": None, "extensions": None},
        {"extensions": {"clientLibrary": {"name": "@apollo/client", "version": "4.2.0"}}},
        {"id": "1", "somethingElse": [1]},
    ],
)
def test_what_clients_add_by_themselves_is_accepted(http, extra):
    assert http.post({"query": "{ version }", **extra}).json() == {"data": {"version": "1"}}


@pytest.mark.parametrize("limit_of_django", [2_621_440, 10], ids=["above", "below"])
def test_a_client_that_goes_away_is_no_server_error(http, monkeypatch, settings, limit_of_django):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = limit_of_django

    def read(self, *args):
        raise OSError(SECRET)

    monkeypatch.setattr("django.core.handlers.wsgi.LimitedStream.read", read)
    response = http.post({"query": "{ version }"})

    assert response.status_code == 400
    assert SECRET not in response.content.decode()


def test_a_body_in_chunks_is_told_that_it_needs_a_length(http):
    response = http.client.post(
        "/graphql",
        CONTENT_TYPE="application/json",
        HTTP_TRANSFER_ENCODING="chunked",
        CONTENT_LENGTH="",
    )

    assert response.status_code == 411
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


class TestBodyLimit:
    @pytest.mark.parametrize("media_type", ["application/json", STRICT])
    def test_a_body_above_the_limit_is_413(self, http, media_type):
        response = http.post("x" * (1024 * 1024 + 1), accept=media_type)

        assert response.status_code == 413
        extensions = response.json()["errors"][0]["extensions"]
        assert extensions == {"code": "LIMIT_EXCEEDED", "reason": "BODY_TOO_LARGE"}

    def test_it_is_not_kept_in_memory(self, http, monkeypatch):
        def body(self):
            pytest.fail("the body was read")

        monkeypatch.setattr(HttpRequest, "body", property(body))
        response = http.post("x" * (1024 * 1024 + 1))

        assert response.status_code == 413
        assert not hasattr(response.wsgi_request, "_body")

    def test_a_body_at_the_limit_is_read(self, http, settings):
        body = json.dumps({"query": "{ version }"})
        settings.REVOCATION = {"LIMITS": {"BODY_BYTES": len(body)}}

        assert http.post(body).json() == {"data": {"version": "1"}}

    def test_django_finding_it_too_big_first_makes_no_difference(self, http, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

        assert http.post({"query": "{ version }"}).json() == {"data": {"version": "1"}}
        assert http.post("x" * (1024 * 1024 + 1)).status_code == 413

    def test_a_resolver_may_read_it_again(self, http):
        body = json.dumps({"query": "{ version }"})

        assert http.post(body).wsgi_request.body == body.encode()

    def test_a_length_that_is_no_number_is_no_server_error(self, http):
        response = http.client.post(
            "/graphql", "{}", content_type="application/json", CONTENT_LENGTH="ten"
        )

        assert response.status_code == 400
