"""`deleteTokenCookie`, as django-graphql-jwt documents it, in our cookie mode."""

import pytest

from tests.migration.forms import ME

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.urls")]


@pytest.fixture
def cookies(settings):
    settings.REVOCATION = {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = {"JWT_COOKIE_SECURE": False}


@pytest.mark.usefixtures("cookies")
def test_the_cookie_of_the_access_token_goes(front_end):
    front_end.sign_in()
    assert front_end.ask(ME).data == {"username": "alice"}

    answer = front_end.mutate("deleteTokenCookie", "deleted")

    assert answer.data == {"deleted": True}
    assert front_end.http.cookies["JWT"].value == ""
    assert front_end.ask(ME).body["data"] == {"me": None}


@pytest.mark.usefixtures("cookies")
def test_without_it_nothing_is_deleted(front_end):
    assert front_end.mutate("deleteTokenCookie", "deleted").data == {"deleted": False}


def test_without_cookie_mode_nothing_is_deleted(front_end):
    front_end.http.cookies["JWT"] = "token"

    assert front_end.mutate("deleteTokenCookie", "deleted").data == {"deleted": False}
