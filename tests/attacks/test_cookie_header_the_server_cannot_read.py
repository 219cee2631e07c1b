"""A cookie of another application, with a letter beyond ASCII in it, beside ours.

Browsers send such a value as it was set (`document.cookie = "name=Zoë"`). A server that cannot read
it hands on an empty `Cookie` header: our tokens are gone with it, and a logout has nothing to end.
"""

import json
from dataclasses import replace

import pytest

from tests.client import LOGOUT, ME
from tests.live import LiveServer, create_template


@pytest.fixture
def client(tmp_path):
    template = create_template(tmp_path)
    with LiveServer(template, JWT_COOKIE_MODE="true") as server:
        yield server.client()


def beside(client, tokens):
    """Return the client with the cookies of a browser."""
    cookies = f"JWT={tokens.access}; JWT-refresh-token={tokens.refresh}; name=Zoë".encode()
    return replace(client, headers={**client.headers, "Cookie": cookies})


def test_a_logout_that_ended_nothing_does_not_say_ok(client):
    tokens = client.sign_in()

    answer = beside(client, tokens)(LOGOUT)

    alive = client.bearing(tokens)(ME).body["data"]["me"]
    assert alive is None or "errors" in answer.body, json.dumps(answer.body)


def test_who_is_signed_in_is_not_told_that_no_token_came(client):
    answer = beside(client, client.sign_in())(ME)

    assert answer.body.get("data") == {"me": {"username": "alice"}} or (
        answer.reason != "TOKEN_MISSING"
    )
