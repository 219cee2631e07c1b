"""With app and handlers alone, code of django-graphql-jwt asks the blacklist, unchanged."""

import time
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from graphql_jwt.exceptions import JSONWebTokenError, JSONWebTokenExpired
from graphql_jwt.settings import DEFAULTS, jwt_settings
from graphql_jwt.shortcuts import get_token, get_user_by_token
from graphql_jwt.testcases import JSONWebTokenClient
from graphql_jwt.utils import get_payload, get_user_by_payload

from revocation import blacklist, sessions
from revocation.contrib.graphql_jwt import HANDLERS
from revocation.models import Session
from revocation.tokens import read_access
from revocation.written import HANDLERS_OF
from tests.client import PASSWORD
from tests.migration import stock
from tests.migration.forms import ME, FrontEnd
from tests.revocation.forge import forge

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.stock")]

REVOKED = "Token has been revoked"


@pytest.fixture(params=[False, True], ids=["handlers alone", "with the middleware"])
def front_end(request, alice, settings):
    settings.MIDDLEWARE = [*stock.DJANGO, *[stock.OURS] * request.param]
    settings.AUTHENTICATION_BACKENDS = stock.BACKENDS
    settings.GRAPHQL_JWT = HANDLERS
    return FrontEnd("plain", Client())


@pytest.fixture
def revoked(front_end):
    token = front_end.sign_in()["token"]
    assert front_end.bearing(token).mutate("logout", "ok").data == {"ok": True}
    return token


class TestStockFields:
    def test_sign_in_opens_a_session(self, front_end, alice):
        signed_in = front_end.sign_in()

        [session] = Session.objects.all()
        assert (session.user, session.id) == (alice, signed_in["payload"]["sid"])
        assert read_access(signed_in["token"]).payload == signed_in["payload"]

    def test_a_good_token_passes_the_stock_decorators(self, front_end, alice):
        alice.is_staff = alice.is_superuser = True
        alice.save()
        client = front_end.bearing(front_end.sign_in()["token"])

        answer = client.ask("{ me { username } staff superuser reader users { username } }")

        assert answer.body["data"] == {
            "me": {"username": "alice"},
            "staff": "for staff",
            "superuser": "for superusers",
            "reader": "for readers",
            "users": [{"username": "alice"}],
        }

    @pytest.mark.parametrize("field", ["me { id }", "users { id }", "staff", "superuser", "reader"])
    def test_a_revoked_token_passes_none(self, front_end, revoked, alice, field):
        alice.is_staff = alice.is_superuser = True
        alice.save()

        answer = front_end.bearing(revoked).ask(f"{{ {field} }}")

        assert answer.message == REVOKED
        assert set(answer.body["data"].values()) == {None}

    def test_verify_and_refresh_refuse_a_revoked_token(self, front_end, revoked):
        for field in ("verifyToken", "refreshToken"):
            assert front_end.mutate(field, "payload", token=revoked).message == REVOKED

    def test_a_sign_in_beside_a_revoked_token_works(self, front_end, revoked):
        assert front_end.bearing(revoked).sign_in()["token"]

    def test_one_session_ends_and_the_others_go_on(self, front_end, revoked):
        other = front_end.sign_in()["token"]

        assert front_end.bearing(other).ask(ME).data == {"username": "alice"}

    def test_a_renamed_user_keeps_the_session_and_the_name_gives_nobody_one(
        self, front_end, alice, make_user
    ):
        token = front_end.sign_in()["token"]
        alice.username = "renamed"
        alice.save()
        make_user("alice")

        assert front_end.bearing(token).ask(ME).data == {"username": "renamed"}

    def test_a_disabled_user_is_told_in_the_words_clients_know(self, front_end, alice):
        token = front_end.sign_in()["token"]
        alice.is_active = False
        alice.save()

        assert front_end.bearing(token).ask(ME).message == "User is disabled"

    def test_an_expired_token_is_told_in_the_words_clients_know(self, front_end, alice):
        token = forge(sessions.open_session(alice).access_token, exp=int(time.time()) - 1)

        assert front_end.bearing(token).ask(ME).message == "Signature has expired"

    def test_a_refresh_token_opens_nothing(self, front_end, alice):
        refresh_token = sessions.open_session(alice).refresh_token

        assert front_end.bearing(refresh_token).ask(ME).message == "Invalid token"

    def test_a_token_that_the_original_issued_opens_nothing(self, front_end, settings):
        settings.GRAPHQL_JWT = {}
        token = front_end.sign_in()["token"]
        settings.GRAPHQL_JWT = HANDLERS

        assert front_end.bearing(token).ask(ME).body["data"] == {"me": None}


class TestStockRefresh:
    def test_it_goes_on_in_the_same_session(self, front_end):
        signed_in = front_end.sign_in()

        new = front_end.mutate("refreshToken", "token payload", token=signed_in["token"]).data

        assert new["payload"]["sid"] == signed_in["payload"]["sid"]
        assert new["payload"]["jti"] != signed_in["payload"]["jti"]
        assert Session.objects.count() == 1

    def test_a_logout_ends_what_it_gave(self, front_end):
        first = front_end.sign_in()["token"]
        second = front_end.mutate("refreshToken", "token", token=first).data["token"]
        front_end.bearing(first).mutate("logout", "ok")

        assert front_end.bearing(second).ask(ME).message == REVOKED
        assert front_end.mutate("refreshToken", "token", token=second).message == REVOKED

    def test_a_token_revoked_by_itself_is_extended_by_nothing(self, front_end):
        token = front_end.sign_in()["token"]
        blacklist.revoke_token(read_access(token))

        assert front_end.mutate("refreshToken", "token", token=token).message == REVOKED

    def test_a_sign_in_beside_it_opens_a_session_of_its_own(self, front_end):
        token = front_end.sign_in()["token"]

        front_end.bearing(token).sign_in()

        assert Session.objects.count() == 2


class TestStaleToken:
    """What a client that has no good token any more has to be able to do, whatever it presents."""

    @pytest.fixture(params=["revoked", "expired", "garbage"])
    def stale(self, request, front_end, alice):
        if request.param == "garbage":
            return front_end.bearing("garbage")
        pair = sessions.open_session(alice)
        if request.param == "revoked":
            sessions.end(read_access(pair.access_token))
            return front_end.bearing(pair.access_token)
        return front_end.bearing(forge(pair.access_token, exp=int(time.time()) - 1))

    def test_it_signs_in(self, stale):
        assert stale.sign_in()["token"]

    def test_it_refreshes_and_verifies_another_token(self, stale, alice):
        token = sessions.open_session(alice).access_token

        assert stale.mutate("refreshToken", "token payload", token=token).data["token"]
        assert stale.mutate("verifyToken", "payload", token=token).data["payload"]

    def test_it_logs_out(self, stale):
        assert stale.mutate("logout", "ok").data == {"ok": True}

    def test_it_opens_nothing_else(self, stale):
        for query in (ME, "mutation { logoutAll { ended } }"):
            answer = stale.ask(query)
            assert "errors" in answer.body
            assert set(answer.body["data"].values()) == {None}


class TestOneRequest:
    def test_after_a_logout_its_later_fields_are_refused(self, front_end):
        client = front_end.bearing(front_end.sign_in()["token"])

        answer = client.ask("mutation { logout { ok } logoutAll { ended } }")

        assert answer.body["data"] == {"logout": {"ok": True}, "logoutAll": None}

    def test_after_a_logout_the_later_entries_of_a_batch_are_refused(self, front_end):
        token = front_end.sign_in()["token"]
        queries = [ME, "mutation { logout { ok } }", ME]

        response = front_end.http.post(
            "/batch",
            [{"query": query} for query in queries],
            content_type="application/json",
            headers={"Authorization": f"JWT {token}"},
        )

        before, logout, after = (entry["data"] for entry in response.json())
        assert (before, logout) == ({"me": {"username": "alice"}}, {"logout": {"ok": True}})
        assert after == {"me": None}

    def test_a_field_after_the_end_of_another_session_goes_on(self, front_end):
        client = front_end.bearing(front_end.sign_in()["token"])
        other = front_end.sign_in()["payload"]["sid"]

        answer = client.ask(
            f'mutation {{ revokeSession(id: "{other}") {{ ok }} setMood {{ of }} }}'
        )

        assert answer.body["data"] == {"revokeSession": {"ok": True}, "setMood": {"of": "alice"}}

    def test_a_token_in_the_cookie_of_the_original_is_not_said_to_be_logged_out(self, front_end):
        FrontEnd("cookie", front_end.http).sign_in()
        is_let_in = front_end.ask(ME).body["data"]["me"] is not None

        answer = front_end.mutate("logout", "ok")

        # With the middleware nobody reads it.
        assert is_let_in is ("errors" in answer.body)
        assert is_let_in or answer.data == {"ok": True}


class TestShortcuts:
    def test_a_token_leads_to_its_user(self, front_end, alice):
        assert get_user_by_token(get_token(alice)) == alice

    def test_claims_can_be_added(self, front_end, alice):
        payload = get_payload(get_token(alice, role="editor"))

        assert payload["role"] == "editor"
        assert get_user_by_payload(payload) == alice

    def test_a_token_given_for_the_user_of_a_request_belongs_to_its_session(self, front_end):
        first = front_end.sign_in()["token"]
        second = front_end.bearing(first).ask("mutation { renew { token } }").data["token"]
        front_end.bearing(first).mutate("logout", "ok")

        assert front_end.bearing(second).ask(ME).message == REVOKED

    def test_a_token_for_a_user_found_by_a_token_belongs_to_that_session(self, front_end, alice):
        first = get_token(alice)
        second = get_token(get_user_by_token(first))
        sessions.end(read_access(first))

        with pytest.raises(JSONWebTokenError, match=REVOKED):
            get_user_by_token(second)

    def test_a_user_found_by_a_token_since_revoked_is_given_none(self, front_end, alice):
        token = get_token(alice)
        user = get_user_by_token(token)
        sessions.end(read_access(token))

        with pytest.raises(JSONWebTokenError):
            get_token(user)

    def test_a_token_can_be_made_to_expire_sooner(self, front_end, alice):
        with pytest.raises(JSONWebTokenExpired, match="Signature has expired"):
            get_payload(get_token(alice, exp=int(time.time()) - 1))

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": 4_000_000_000},
            {"exp": 2**40},
            {"exp": "soon"},
            {"sub": "2"},
            {"sid": "0" * 32},
            {"jti": "1"},
        ],
    )
    def test_no_claim_that_decides_can_be_set_by_hand(self, front_end, alice, claims):
        with pytest.raises(ImproperlyConfigured):
            get_token(alice, **claims)

    def test_a_payload_that_nobody_judged_leads_to_nobody(self, front_end, alice):
        payload = dict(get_payload(get_token(alice)))

        with pytest.raises(JSONWebTokenError, match="Invalid payload"):
            get_user_by_payload(payload)

    def test_nobody_is_looked_up_by_a_name(self, front_end, alice):
        with pytest.raises(JSONWebTokenError, match="Invalid payload"):
            jwt_settings.JWT_GET_USER_BY_NATURAL_KEY_HANDLER("alice")

    @pytest.mark.parametrize("token", [None, b"bytes", 7])
    def test_what_is_no_text_is_no_token(self, front_end, token):
        with pytest.raises(JSONWebTokenError, match="Invalid token"):
            get_payload(token)

    def test_a_payload_handler_of_the_project_may_add_claims(self, front_end, alice, settings):
        from revocation.contrib.graphql_jwt import handlers

        def with_role(user, context=None):
            payload = handlers.payload(user, context)
            payload["role"] = "editor"
            return payload

        settings.GRAPHQL_JWT = {**HANDLERS, "JWT_PAYLOAD_HANDLER": with_role}

        signed_in = front_end.sign_in()

        assert signed_in["payload"]["role"] == get_payload(signed_in["token"])["role"] == "editor"

    def test_a_payload_handler_that_opens_no_session_gets_no_token(self, front_end, settings):
        settings.GRAPHQL_JWT = {
            **HANDLERS,
            "JWT_PAYLOAD_HANDLER": lambda user, context=None: {"username": user.username},
        }

        answer = front_end.mutate("tokenAuth", "token", username="alice", password=PASSWORD)

        assert "call revocation.contrib.graphql_jwt.handlers.payload" in answer.message


class TestTestClient:
    def test_it_signs_in_asks_and_is_refused_once_revoked(self, front_end, alice, settings):
        settings.GRAPHENE = {"SCHEMA": "tests.migration.stock.schema"}
        client = JSONWebTokenClient()
        client.authenticate(alice)
        assert client.execute(ME).data == {"me": {"username": "alice"}}

        assert client.execute("mutation { logout { ok } }").data == {"logout": {"ok": True}}

        [error] = client.execute(ME).errors
        assert error.message == REVOKED


class TestSettings:
    def test_every_handler_is_one_that_the_original_asks_for(self):
        assert HANDLERS.keys() <= DEFAULTS.keys()
        assert {value for value in HANDLERS.values() if value is not True} == {
            value for value in HANDLERS.values() if str(value).startswith(HANDLERS_OF)
        }

    def test_the_original_finds_each(self, front_end):
        assert all(callable(getattr(jwt_settings, name)) for name in HANDLERS if name[-1] == "R")


class TestTokensFromBefore:
    @pytest.fixture
    def token(self, front_end, settings):
        settings.GRAPHQL_JWT = {"JWT_VERIFY_EXPIRATION": True}
        settings.MIDDLEWARE, middleware = stock.DJANGO, settings.MIDDLEWARE
        token = FrontEnd("plain", Client()).sign_in()["token"]
        settings.GRAPHQL_JWT, settings.MIDDLEWARE = HANDLERS, middleware
        settings.REVOCATION = {"ACCEPT_LEGACY_UNTIL": timezone.now() + timedelta(days=7)}
        return token

    def test_it_goes_on_working(self, front_end, token):
        assert front_end.bearing(token).ask(ME).data == {"username": "alice"}
        payload = front_end.mutate("verifyToken", "payload", token=token).data["payload"]
        assert payload["username"] == "alice"

    def test_it_is_refreshed_for_one_of_ours(self, front_end, token):
        new = front_end.mutate("refreshToken", "token payload", token=token).data

        assert new["payload"]["sid"]
        assert front_end.bearing(new["token"]).ask(ME).data == {"username": "alice"}

    def test_a_logout_ends_it_and_what_it_was_refreshed_for(self, front_end, token):
        new = front_end.mutate("refreshToken", "token", token=token).data["token"]
        assert front_end.bearing(token).mutate("logout", "ok").data == {"ok": True}

        for one in (token, new):
            assert front_end.bearing(one).ask(ME).message == REVOKED
            assert front_end.mutate("refreshToken", "token", token=one).message == REVOKED
