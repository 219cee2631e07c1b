"""`refreshToken` without refresh tokens: the access token is exchanged while it is good."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from graphql_jwt.signals import token_refreshed

from revocation import sessions
from revocation.models import Session
from tests.migration.forms import FORMS, ME, FrontEnd
from tests.migration.schemas import keeping_alive
from tests.revocation.legacy.old_world import access_token, in_force

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns = []
SELECTION = "token payload refreshExpiresIn"


@pytest.fixture
def front_end(settings, alice, request):
    """Both forms as the setting makes them, and a client of one."""
    settings.GRAPHQL_JWT = {"JWT_LONG_RUNNING_REFRESH_TOKEN": False, "JWT_COOKIE_SECURE": False}
    urlpatterns[:] = [
        path(form, csrf_exempt(GraphQLView.as_view(schema=schema, middleware=[])))
        for form, schema in zip(FORMS, keeping_alive(), strict=True)
    ]
    return FrontEnd(request.param, Client())


both = pytest.mark.parametrize("front_end", FORMS, indirect=True)


def age(seconds):
    """Move every session into the past, as if it had been opened and used then."""
    by = timedelta(seconds=seconds)
    for row in Session.objects.all():
        row.created_at -= by
        row.expires_at -= by
        row.access_expires_at -= by
        row.save()


@both
class TestRefreshToken:
    def test_a_good_token_is_exchanged_for_a_newer_one(self, front_end):
        signed_in = front_end.sign_in()
        age(60)

        new = front_end.mutate("refreshToken", SELECTION, token=signed_in["token"]).data

        assert new["token"] != signed_in["token"]
        assert new["payload"]["username"] == "alice"
        assert new["payload"]["sid"] == signed_in["payload"]["sid"]
        assert front_end.bearing(new["token"]).ask(ME).data == {"username": "alice"}

    def test_it_tells_the_same_end_each_time(self, front_end):
        signed_in = front_end.sign_in()

        new = front_end.mutate("refreshToken", SELECTION, token=signed_in["token"]).data

        assert new["refreshExpiresIn"] == signed_in["refreshExpiresIn"]
        assert new["payload"]["origIat"] == signed_in["payload"]["origIat"]

    def test_a_revoked_token_keeps_nothing_alive(self, front_end):
        token = front_end.sign_in()["token"]
        front_end.bearing(token).mutate("logout", "ok")

        answer = front_end.mutate("refreshToken", SELECTION, token=token)

        assert answer.message == "Token has been revoked"

    def test_a_logout_ends_every_token_of_the_session(self, front_end):
        first = front_end.sign_in()["token"]
        second = front_end.mutate("refreshToken", SELECTION, token=first).data["token"]
        front_end.bearing(first).mutate("logout", "ok")

        for token in (first, second):
            assert front_end.bearing(token).ask(ME).message == "Token has been revoked"

    def test_garbage_and_nothing_are_told_in_the_words_clients_know(self, front_end):
        garbage = front_end.mutate("refreshToken", SELECTION, token="invalid")
        assert garbage.message == "Error decoding signature"
        assert front_end.mutate("refreshToken", SELECTION).message == "Token is required"

    def test_a_refresh_token_is_no_access_token(self, front_end, alice):
        refresh_token = sessions.open_session(alice).refresh_token

        answer = front_end.mutate("refreshToken", SELECTION, token=refresh_token)

        assert answer.message == "Invalid token"

    def test_after_the_end_it_is_refused_in_the_words_clients_know(self, front_end):
        token = front_end.sign_in()["token"]
        age(604_800)

        answer = front_end.mutate("refreshToken", SELECTION, token=token)

        assert answer.message == "Refresh has expired"

    def test_a_token_of_before_the_upgrade_is_kept_alive_as_it_would_have_been(
        self, front_end, alice, settings
    ):
        settings.REVOCATION = in_force()
        signed_in = int(time.time())
        old = access_token(alice, origIat=signed_in)

        new = front_end.mutate("refreshToken", SELECTION, token=old).data

        assert new["refreshExpiresIn"] == signed_in + 604_800
        assert front_end.bearing(new["token"]).ask(ME).data == {"username": "alice"}

    def test_token_refreshed_is_sent(self, front_end, alice):
        heard = []

        def note(sender, user, **_):
            heard.append((sender.__name__, user))

        token = front_end.sign_in()["token"]
        token_refreshed.connect(note)
        front_end.mutate("refreshToken", SELECTION, token=token)
        token_refreshed.disconnect(note)

        assert heard == [("Refresh", alice)]

    @pytest.mark.parametrize("payload", ["ObtainJSONWebToken", "Refresh"])
    def test_no_refresh_token_is_shown(self, front_end, payload):
        name = payload + "Payload" * (front_end.form == "relay")

        kind = front_end.ask(f'{{ __type(name: "{name}") {{ fields {{ name }} }} }}').data

        shown = {field["name"] for field in kind["fields"]}
        assert "token" in shown
        assert "refreshToken" not in shown

    def test_in_cookie_mode_the_cookie_is_exchanged_and_no_other_is_set(self, front_end, settings):
        settings.REVOCATION = {"COOKIE_MODE": True}
        front_end.sign_in()
        before = front_end.http.cookies["JWT"].value

        front_end.mutate("refreshToken", SELECTION)

        assert front_end.http.cookies.keys() == {"JWT", "csrftoken"}
        assert front_end.http.cookies["JWT"].value != before
