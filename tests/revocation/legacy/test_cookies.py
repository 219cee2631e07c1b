"""Legacy tokens in cookies: under the names of before, which browsers have, and ours have not."""

import pytest
from django.test import Client

from tests.client import LOGOUT, ME, PASSWORD, SIGN_IN, GraphQLClient
from tests.revocation.legacy.old_world import access_token, in_force, simplejwt_token

pytestmark = pytest.mark.django_db

ACCESS, REFRESH_COOKIE = "JWT", "JWT-refresh-token"
REFRESH = "mutation { refreshToken { payload } }"
ALICE = {"me": {"username": "alice"}}


@pytest.fixture(autouse=True)
def _cookie_mode(settings):
    settings.REVOCATION = in_force(COOKIE_MODE=True)
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": True}


@pytest.fixture
def browser(alice):
    """A browser with the cookies of before."""
    client = Client(raise_request_exception=False)
    client.cookies[ACCESS] = access_token(alice)
    client.cookies[REFRESH_COOKIE] = simplejwt_token(alice, "refresh")
    return GraphQLClient(client)


def names(browser):
    return {name for name, morsel in browser.http.cookies.items() if morsel.value}


def test_they_are_read(browser):
    assert browser(ME).data == ALICE


def test_a_refresh_replaces_them_by_ours(browser):
    assert browser(REFRESH).data

    assert {f"__Host-{ACCESS}", f"__Host-{REFRESH_COOKIE}"} <= names(browser)
    assert browser(ME).data == ALICE
    assert browser(REFRESH).data


def test_logout_ends_all_of_them_and_has_the_browser_forget_them(browser, graphql):
    old = [browser.http.cookies[name].value for name in (ACCESS, REFRESH_COOKIE)]
    browser(REFRESH)
    new = browser.http.cookies[f"__Host-{ACCESS}"].value

    browser(LOGOUT)

    assert names(browser) == set()
    assert {graphql.bearing(text)(ME).reason for text in (old[0], new)} == {"TOKEN_REVOKED"}
    assert graphql.try_refresh(old[1]).reason == "SESSION_ENDED"


def test_beyond_the_date_they_are_ended_all_the_same(browser, graphql, settings):
    settings.REVOCATION = settings.REVOCATION | {"ACCEPT_LEGACY_UNTIL": "2020-01-01T00:00:00Z"}
    old = browser.http.cookies[ACCESS].value
    assert browser(ME).reason == "TOKEN_INVALID"

    browser(LOGOUT)

    settings.REVOCATION = in_force(COOKIE_MODE=True)
    assert graphql.bearing(old)(ME).reason == "TOKEN_REVOKED"


def test_where_none_is_accepted_the_names_of_before_mean_nothing(browser, settings):
    settings.REVOCATION = in_force(COOKIE_MODE=True, ACCEPT_LEGACY_UNTIL=None)

    assert browser(ME).reason == "TOKEN_MISSING"
    browser(LOGOUT)
    assert names(browser) == {ACCESS, REFRESH_COOKIE}


def test_a_token_of_ours_under_a_name_that_others_can_plant_does_not_count(browser, graphql):
    mallorys = graphql.sign_in()
    browser.http.cookies[ACCESS] = mallorys.access
    browser.http.cookies[REFRESH_COOKIE] = mallorys.refresh

    assert browser(ME).reason == "TOKEN_MISSING"
    assert browser(REFRESH).reason == "REFRESH_MISSING"


def test_ours_goes_before(browser):
    browser(SIGN_IN, username="alice", password=PASSWORD)
    browser.http.cookies[ACCESS] = "garbage"

    assert browser(ME).data == ALICE
