"""A hash that Django makes anew at the admin's door is no changed password there either.

Each release of Django raises the work of its hasher: whoever signed in on a phone before an
upgrade, and in the admin after it, would be signed out of the phone.
"""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.client import ME, PASSWORD

OLD = "django.contrib.auth.hashers.MD5PasswordHasher"
NEW = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
ALICE = {"me": {"username": "alice"}}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(graphql, make_user, settings):
    """A session from before the hasher changed."""
    settings.PASSWORD_HASHERS = [OLD]
    make_user("alice", is_staff=True)
    client = graphql.bearing(graphql.sign_in())
    settings.PASSWORD_HASHERS = [NEW, OLD]
    return client


def by_the_admins_page():
    body = {"username": "alice", "password": PASSWORD}
    assert Client().post("/admin/login/", body).status_code == 302


def by_djangos_function():
    request = RequestFactory().post("/")
    assert authenticate(request, username="alice", password=PASSWORD)


def stored():
    return get_user_model().objects.get().password


@pytest.mark.parametrize("log_in", [by_the_admins_page, by_djangos_function])
def test_it_signs_nobody_out(phone, log_in):
    before = stored()

    log_in()

    assert stored() != before
    assert stored().startswith("pbkdf2")
    assert phone(ME).data == ALICE


@pytest.mark.parametrize(
    "backend", ["revocation.backends.Counting", "django.contrib.auth.backends."]
)
def test_at_the_first_door_it_is_followed_once(graphql, alice, settings, backend):
    """The backend asks nothing that `tokenAuth` has asked."""
    settings.AUTHENTICATION_BACKENDS = [f"{backend}ModelBackend"]

    with CaptureQueriesContext(connection) as statements:
        graphql.sign_in()

    by_name = [
        query["sql"] for query in statements if "username" in query["sql"].partition("WHERE")[2]
    ]
    assert len(by_name) == 2
