"""`deleteRefreshTokenCookie`, as django-graphql-jwt documents it, in our cookie mode."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.urls")]


@pytest.fixture
def cookies(settings):
    settings.REVOCATION = {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = {"JWT_COOKIE_SECURE": False}


@pytest.mark.usefixtures("cookies")
def test_the_cookie_of_the_refresh_token_goes(front_end):
    front_end.sign_in()
    assert front_end.mutate("refreshToken", "token").data["token"]

    answer = front_end.mutate("deleteRefreshTokenCookie", "deleted")

    assert answer.data == {"deleted": True}
    cookie = front_end.http.cookies["JWT-refresh-token"]
    assert (cookie.value, cookie["max-age"]) == ("", 0)


@pytest.mark.usefixtures("cookies")
def test_without_it_nothing_is_deleted(front_end):
    assert front_end.mutate("deleteRefreshTokenCookie", "deleted").data == {"deleted": False}
