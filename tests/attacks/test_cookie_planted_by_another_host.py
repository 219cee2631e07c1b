"""A host of the same domain plants a cookie whose name differs from ours by an odd space.

Browsers guard names that begin with `__Host-`, and this one does not: `\\u2000__Host-JWT`. Django
strips every space of Unicode from a name, so that it becomes ours, and the last one counts. Its
owner would go on in somebody else's account without noticing.
"""

import pytest

from revocation import sessions
from tests.client import LOGOUT, ME

ODD_SPACES = ["\u2000", "\u00a0", "\u0085", "\u3000", "\u2028"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cookie_mode(settings):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": True}


@pytest.fixture
def ask(graphql):
    def ask(query, *cookies, is_latin=False):
        # As servers hand it on: bytes, of whatever encoding, read as Latin-1 (PEP 3333).
        header = "; ".join(cookies)
        header = header if header.isascii() or is_latin else header.encode().decode("latin-1")
        response = graphql.http.post(
            "/graphql",
            {"query": query},
            content_type="application/json",
            headers={"cookie": header},
        )
        return response.json()

    return ask


@pytest.mark.parametrize("space", ODD_SPACES, ids=ascii)
@pytest.mark.parametrize("is_last", [True, False], ids=["behind ours", "before ours"])
def test_the_users_own_one_counts(ask, alice, make_user, space, is_last):
    own = f"__Host-JWT={sessions.open_session(alice).access_token}"
    planted = f"{space}__Host-JWT={sessions.open_session(make_user('mallory')).access_token}"

    answer = ask(ME, *([own, planted] if is_last else [planted, own]))

    assert answer == {"data": {"me": {"username": "alice"}}}


@pytest.mark.parametrize("space", ODD_SPACES, ids=ascii)
def test_alone_it_is_nobodys(ask, make_user, space):
    planted = f"{space}__Host-JWT={sessions.open_session(make_user('mallory')).access_token}"

    assert ask(ME, planted)["data"] == {"me": None}


@pytest.mark.parametrize("space", ["\u00a0", "\u0085"], ids=ascii)
def test_a_single_byte_is_no_space_either(ask, make_user, space):
    planted = f"{space}__Host-JWT={sessions.open_session(make_user('mallory')).access_token}"

    assert ask(ME, planted, is_latin=True)["data"] == {"me": None}


@pytest.mark.parametrize("space", ODD_SPACES, ids=ascii)
def test_logging_out_ends_the_session_of_the_users_own(ask, alice, make_user, space):
    pair = sessions.open_session(alice)
    planted = sessions.open_session(make_user("mallory"))

    ask(
        LOGOUT,
        f"__Host-JWT={pair.access_token}",
        f"__Host-JWT-refresh-token={pair.refresh_token}",
        f"{space}__Host-JWT={planted.access_token}",
        f"{space}__Host-JWT-refresh-token={planted.refresh_token}",
    )

    assert ask(ME, f"__Host-JWT={pair.access_token}")["data"] == {"me": None}
