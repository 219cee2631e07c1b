"""Nobody but a configured client is told anything (RFC 6749, 2.3.1 and 5.2)."""

from urllib.parse import urlencode

import pytest
from django.conf.global_settings import DATA_UPLOAD_MAX_MEMORY_SIZE

from revocation import guard
from tests.revocation.oauth.conftest import FORM, NAME, SECRET, basic

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("url", ["introspect", "revoke"])]


@pytest.fixture
def send(ask, pair, url):
    def send(headers=None, **form):
        return ask(f"/oauth/{url}", headers, **{"token": pair.access_token, **form})

    return send


def test_a_client_may_say_who_it_is_in_the_form(send):
    assert send({}, client_id=NAME, client_secret=SECRET).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(secret="x" * 40),
        basic(name="nobody"),
        basic(name="nobody", secret="x" * 32),
        basic(name="", secret=""),
        basic(secret=""),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic /w=="},
        {"Authorization": "Basic \xe9"},
        {"Authorization": f"Bearer {SECRET}"},
    ],
)
def test_anybody_else_is_refused(send, pair, headers):
    response = send(headers)

    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert guard.judge(pair.access_token)


def test_a_good_access_token_is_no_client(send, pair):
    assert send({"Authorization": f"Bearer {pair.access_token}"}).status_code == 401


def test_two_ways_at_once_are_refused(send):
    response = send(basic(), client_secret=SECRET)

    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize("name", ["token", "token_type_hint", "client_id"])
def test_what_we_know_is_given_once(send, name):
    response = send(**{name: ["", "one"]})

    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})


def test_what_nobody_knows_is_nothing_to_us(send):
    assert send(scope=["one", "two"]).status_code == 200


def test_a_token_must_be_given(send):
    response = send(token="")

    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})


def test_nothing_is_read_from_the_address(client, url, pair):
    query = urlencode({"token": pair.access_token})

    response = client.post(f"/oauth/{url}?{query}", "", content_type=FORM, headers=basic())

    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})


def test_a_parameter_without_a_value_is_left_out(send):
    """As RFC 6749, 3.2, has it: one of two ways is not there."""
    assert send(basic(), client_secret="", client_id="").status_code == 200


BODIES = {
    "JSON": (b'{"token": "x"}', "application/json"),
    "text": (b"token=x", "text/plain"),
    "nothing": (b"token=x", ""),
    "another encoding": (b"token=x", f"{FORM}; charset=utf-16"),
    "too long": (b"token=" + b"x" * DATA_UPLOAD_MAX_MEMORY_SIZE, FORM),
    "too many": (b"x=1&" * 2000 + b"token=x", FORM),
}


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES)
def test_what_is_no_form_is_refused_in_words_of_its_own(client, url, body, kind):
    response = client.post(f"/oauth/{url}", body, content_type=kind, headers=basic())

    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})
    assert response.headers["Cache-Control"] == "no-store"


def test_it_is_asked_by_post(client, url):
    assert client.get(f"/oauth/{url}", headers=basic()).status_code == 405


def test_no_answer_is_kept(send):
    assert send().headers["Cache-Control"] == "no-store"
    assert send({}).headers["Cache-Control"] == "no-store"


def test_nothing_is_there_until_a_client_is_configured(send, settings):
    settings.REVOCATION = {}

    assert send({}, client_id="", client_secret="").status_code == 404
    assert send().status_code == 404
