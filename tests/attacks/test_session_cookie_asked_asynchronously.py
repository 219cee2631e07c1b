"""Asynchronous code asks `request.auser()`, and must not get whom the session cookie names."""

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.urls import path

from revocation import sessions


def who(request):
    return HttpResponse(async_to_sync(request.auser)().get_username())


urlpatterns = [path("who", who)]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture
def in_admin(client, make_user):
    client.force_login(make_user("root", is_superuser=True))
    return client


def test_a_good_token_outranks_the_cookie(in_admin, alice):
    token = sessions.open_session(alice).access_token

    assert in_admin.get("/who", headers={"Authorization": f"Bearer {token}"}).text == "alice"


def test_beside_a_bad_token_the_cookie_names_nobody(in_admin):
    assert in_admin.get("/who", headers={"Authorization": "Bearer garbage"}).text == ""


def test_without_a_token_it_is_whoever_django_says(in_admin):
    assert in_admin.get("/who").text == "root"
