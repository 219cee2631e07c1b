"""Signing in by hand: the same session as `tokenAuth` opens, and the same refusals."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.dispatch import Signal
from django.http import JsonResponse
from django.test import AsyncClient, RequestFactory
from django.urls import path
from django.utils import timezone
from graphql_jwt.signals import token_issued
from rest_framework.request import Request

from api.urls import urlpatterns as api_urls
from revocation import attempts, sessions, sign_in
from revocation.errors import (
    ForeignOrigin,
    InvalidCredentials,
    PreflightMissing,
    TooManyAttempts,
)
from revocation.models import Session
from revocation.signals import session_opened
from tests.client import ME

pytestmark = pytest.mark.django_db

SESSIONS = "{ sessions { ipAddress userAgent current } }"


def view(request):
    """Sign a user in, and then fail, or roll back, as a view may."""
    pair = sign_in(request.GET["user"] and view.user, request=request, is_unforgeable=True)
    if request.GET.get("then") == "roll back":
        transaction.set_rollback(True)
    return JsonResponse({"token": pair.access_token, "refresh": pair.refresh_token})


async def async_view(request):
    return await sync_to_async(view)(request)


urlpatterns = [*api_urls, path("enter", view), path("enter/async", async_view)]


@pytest.fixture
def heard():
    """Who was announced by which signal."""
    found = []

    def note(signal, **details):
        found.append((signal, details))

    signals: list[Signal] = [token_issued, session_opened]
    for signal in signals:
        signal.connect(note, weak=False)
    yield found
    for signal in signals:
        signal.disconnect(note)


@pytest.fixture
def cookie_mode(settings):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}


class TestTheSession:
    def test_opens_protected_fields_and_is_listed_with_its_device(self, graphql, alice):
        request = RequestFactory(REMOTE_ADDR="192.0.2.7").post("/", headers={"User-Agent": "Phone"})
        pair = sign_in(alice, request=request)

        [listed] = graphql.bearing(pair.access_token)(SESSIONS).data["sessions"]

        assert listed == {"ipAddress": "192.0.2.0", "userAgent": "Phone", "current": True}

    def test_is_refreshed_and_logged_out_like_any_other(self, graphql, alice):
        pair = sign_in(alice)
        newest = graphql.refresh(pair.refresh_token)

        graphql.bearing(newest)("mutation { logout { ok } }")

        assert graphql.bearing(pair.access_token)(ME).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(newest).reason == "SESSION_ENDED"

    def test_ends_with_all_the_others(self, graphql, alice):
        pair = sign_in(alice)

        assert sessions.end_all(alice) == 1
        assert graphql.bearing(pair.access_token)(ME).reason == "TOKEN_REVOKED"

    def test_is_announced_as_any_sign_in_is(self, alice, heard, django_capture_on_commit_callbacks):
        request = RequestFactory().post("/")
        with django_capture_on_commit_callbacks(execute=True):
            sign_in(alice, request=request)

        (issued, before), (opened, after) = heard
        assert (issued, before["user"], before["request"]) == (token_issued, alice, request)
        assert (opened, after["session"].user, after["request"]) == (session_opened, alice, request)

    def test_needs_no_request(self, alice):
        pair = sign_in(alice)

        assert Session.objects.get().ip_address is None
        assert pair.user == alice


class TestWhoIsRefused:
    @pytest.fixture(autouse=True)
    def _nobody_is_signed_in(self, alice, heard):
        yield
        assert not Session.objects.exists()
        assert heard == []

    @pytest.mark.parametrize("somebody", [None, "alice", 1, AnonymousUser()], ids=repr)
    def test_what_is_no_user_is_named(self, somebody):
        with pytest.raises(TypeError, match=type(somebody).__name__):
            sign_in(somebody)

    def test_an_inactive_user(self, alice):
        alice.is_active = False

        with pytest.raises(InvalidCredentials):
            sign_in(alice)


class TestWhoIsNoLongerWhoTheyWere:
    def test_a_user_who_was_deactivated_since_is_refused(self, alice, django_user_model):
        django_user_model.objects.update(is_active=False)

        with pytest.raises(InvalidCredentials):
            sign_in(alice)

    def test_a_user_whose_password_was_changed_since_is_refused(self, alice, django_user_model):
        django_user_model.objects.update(password="another")

        with pytest.raises(InvalidCredentials):
            sign_in(alice)

    def test_a_user_who_was_never_saved_is_refused(self, django_user_model):
        with pytest.raises(InvalidCredentials):
            sign_in(django_user_model(username="ghost"))

    def test_a_receiver_that_raises_refuses(self, alice):
        def refuse(**_):
            raise PermissionError

        token_issued.connect(refuse)

        with pytest.raises(PermissionError):
            sign_in(alice)
        token_issued.disconnect(refuse)
        assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls(__name__)
class TestTransactions:
    @pytest.fixture(autouse=True)
    def _alice(self, alice):
        view.user = alice

    def test_a_rolled_back_request_does_not_undo_it(self, graphql, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

        tokens = graphql.http.get("/enter?user=alice&then=roll back").json()

        assert graphql.bearing(tokens["token"])(ME).data == {"me": {"username": "alice"}}

    def test_in_asynchronous_code_it_is_as_good(self, graphql):
        get = async_to_sync(AsyncClient().get)

        tokens = get("/enter/async?user=alice").json()

        assert graphql.bearing(tokens["token"])(ME).data == {"me": {"username": "alice"}}

    def test_answers_with_tokens_are_kept_by_nobody(self, graphql):
        assert "no-store" in graphql.http.get("/enter?user=alice")["Cache-Control"]

    def test_undone_outside_any_request_it_opens_nothing(self, graphql, alice):
        with transaction.atomic():
            pair = sign_in(alice)
            transaction.set_rollback(True)

        assert graphql.bearing(pair.access_token)(ME).reason == "TOKEN_REVOKED"


@pytest.mark.usefixtures("cookie_mode")
class TestCookies:
    @pytest.mark.urls(__name__)
    def test_a_view_that_knows_who_sent_the_browser_sets_both(self, graphql, alice):
        view.user = alice
        graphql.http.get("/enter?user=alice")

        assert graphql(ME).data == {"me": {"username": "alice"}}
        assert set(graphql.http.cookies) == {"JWT", "JWT-refresh-token"}

    @pytest.mark.parametrize(
        ("request_", "refusal"),
        [
            (RequestFactory().get("/enter"), PreflightMissing),
            (RequestFactory().post("/enter"), PreflightMissing),
            (
                RequestFactory(HTTP_ORIGIN="https://evil.example").post(
                    "/enter", content_type="application/json"
                ),
                ForeignOrigin,
            ),
        ],
        ids=["link", "form", "foreign page"],
    )
    def test_what_another_site_may_have_sent_signs_nobody_in(self, alice, request_, refusal):
        with pytest.raises(refusal):
            sign_in(alice, request=request_)

        assert not Session.objects.exists()

    def test_the_request_inside_rest_frameworks_is_the_one_that_is_answered(self, alice):
        request = RequestFactory().post("/", content_type="application/json")

        pair = sign_in(alice, request=Request(request))

        assert request._revocation_cookies["JWT"][0] == pair.access_token

    def test_a_command_needs_no_permission_to_sign_in(self, alice):
        assert sign_in(alice)


def test_without_cookie_mode_nobody_is_given_cookies(graphql, alice, settings):
    settings.ROOT_URLCONF = __name__
    view.user = alice
    graphql.http.get("/enter?user=alice")

    assert not graphql.http.cookies


class TestCodesOfASecondFactor:
    """Wrong ones are counted apart from wrong passwords."""

    @staticmethod
    def enter(user, *, is_right=False, request=None, now=None):
        with attempts.proving(user, request=request, now=now):
            if not is_right:
                raise InvalidCredentials

    def enter_wrong_ones(self, user, times=10, **options):
        for _ in range(times):
            with pytest.raises(InvalidCredentials):
                self.enter(user, **options)

    def test_after_ten_wrong_ones_not_even_a_right_one_is_looked_at(self, alice):
        self.enter_wrong_ones(alice)

        with pytest.raises(TooManyAttempts):
            self.enter(alice, is_right=True)

    def test_they_count_from_wherever(self, alice):
        for number in range(10):
            request = RequestFactory(REMOTE_ADDR=f"192.0.2.{number}").post("/")
            self.enter_wrong_ones(alice, 1, request=request)

        with pytest.raises(TooManyAttempts):
            self.enter(alice, is_right=True)

    def test_a_right_password_forgives_none(self, alice):
        self.enter_wrong_ones(alice)
        with attempts.signing_in("alice", request=None):
            pass

        with pytest.raises(TooManyAttempts):
            self.enter(alice, is_right=True)

    def test_another_user_is_not_locked_out(self, alice, make_user):
        self.enter_wrong_ones(alice)

        self.enter(make_user("bob"), is_right=True)

    def test_it_ends_a_quarter_of_an_hour_later(self, alice):
        now = timezone.now()
        self.enter_wrong_ones(alice, now=now)

        self.enter(alice, is_right=True, now=now + timedelta(minutes=15))
