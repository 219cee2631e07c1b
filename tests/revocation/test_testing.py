"""What `revocation.testing` promises to the tests of others."""

import threading
import time
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.management import call_command
from django.db.models.functions import Now
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from graphene_django.utils.testing import GraphQLTestCase

from api.urls import urlpatterns as api_urls
from revocation import sessions
from revocation.errors import RefreshExpired, RefreshUserInactive, SessionEnded
from revocation.models import RevokedToken, Session
from revocation.signals import session_ended, session_opened
from revocation.testing import TokenClient, travel
from tests.client import ME, REFRESH
from tests.revocation.on_redis import settings_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)

urlpatterns = [
    *api_urls,
    path("who", lambda request: HttpResponse(request.user.get_username())),
    path("other", lambda request: HttpResponse(request.body)),
]


@pytest.fixture
def phone(alice):
    client = TokenClient()
    client.sign_in(alice)
    return client


class TestTheClient:
    def test_is_believed_for_its_token(self, phone):
        assert phone.query(ME).data == {"me": {"username": "alice"}}
        assert phone.query(ME).errors == []

    @pytest.mark.urls(__name__)
    def test_bears_it_everywhere(self, phone):
        assert phone.get("/who").content == b"alice"

    def test_hashes_no_password(self, alice, settings):
        settings.PASSWORD_HASHERS = []

        TokenClient().sign_in(alice)

    def test_without_a_token_it_is_nobody(self, alice):
        assert TokenClient().query(ME).reasons == ["TOKEN_MISSING"]

    def test_signs_in_as_on_a_device(self, alice):
        client = TokenClient(headers={"User-Agent": "Phone"}, REMOTE_ADDR="192.0.2.7")
        client.sign_in(alice)

        [session] = client.query("{ sessions { ipAddress userAgent current } }").data["sessions"]
        assert session == {"ipAddress": "192.0.2.0", "userAgent": "Phone", "current": True}

    def test_tells_of_its_session_as_any_sign_in_does(
        self, alice, django_capture_on_commit_callbacks
    ):
        heard = []
        for signal in (session_opened, session_ended):
            signal.connect(lambda **details: heard.append(details["signal"]), weak=False)
        with django_capture_on_commit_callbacks(execute=True):
            client = TokenClient()
            client.sign_in(alice)
            client.revoke()

        assert heard == [session_opened, session_ended]

    def test_goes_on_presenting_what_was_revoked(self, phone):
        phone.revoke()

        assert phone.query(ME).reasons == ["TOKEN_REVOKED"]
        assert RevokedToken.objects.count() == 1

    def test_revokes_twice_and_after_everything_has_expired(self, phone):
        with travel(days=100):
            phone.revoke()
            phone.revoke()

        assert phone.query(ME).reasons == ["TOKEN_REVOKED"]

    def test_forgets_its_token_while_the_session_goes_on(self, phone):
        token = phone.tokens.access_token
        phone.forget()

        assert phone.query(ME).reasons == ["TOKEN_MISSING"]
        again = phone.post(
            "/graphql",
            {"query": ME},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert again.json()["data"]["me"]

    def test_refreshes(self, phone):
        before = phone.tokens

        assert phone.refresh() == phone.tokens
        assert phone.tokens.refresh_token != before.refresh_token
        assert phone.query(ME).errors == []

    def test_cannot_refresh_a_session_that_has_ended(self, phone):
        phone.revoke()

        with pytest.raises(SessionEnded):
            phone.refresh()

    def test_cannot_refresh_for_who_was_deactivated(self, phone, alice, django_user_model):
        django_user_model.objects.update(is_active=False)

        with pytest.raises(RefreshUserInactive):
            phone.refresh()

    @pytest.mark.parametrize("verb", ["refresh", "revoke"])
    def test_says_so_where_nobody_has_signed_in(self, verb):
        with pytest.raises(RuntimeError, match=r"sign_in\(user\)"):
            getattr(TokenClient(), verb)()

    def test_sends_variables(self, phone):
        answer = phone.query(REFRESH, token=phone.tokens.refresh_token)

        assert answer.data["refreshToken"]["token"]
        assert answer.response.status_code == 200

    def test_a_session_of_django_opens_nothing(self, alice):
        client = TokenClient()
        client.force_login(alice)

        assert client.query(ME).reasons == ["TOKEN_MISSING"]

    def test_an_error_without_reason_is_known_by_its_code(self, phone):
        assert phone.query("{ nothing }").reasons == ["GRAPHQL_VALIDATION_FAILED"]

    def test_the_path_may_be_another(self, alice):
        class Elsewhere(TokenClient):
            graphql_path = "/graphql/"

        assert Elsewhere().query("{ version }").response.wsgi_request.path == "/graphql/"

    def test_works_where_tokens_are_cookies(self, alice, settings):
        settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
        client = TokenClient()
        client.sign_in(alice)

        assert client.query(ME).errors == []

    def test_the_header_may_be_another(self, alice, settings):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_AUTH_HEADER_NAME": "HTTP_X_TOKEN"}
        client = TokenClient()
        client.sign_in(alice)

        assert client.query(ME).errors == []
        client.forget()
        assert client.query(ME).reasons == ["TOKEN_MISSING"]


class TestBesideGraphene(GraphQLTestCase):
    """graphene-django's own test case, which brings a way to ask along."""

    client_class = TokenClient
    GRAPHQL_URL = "/graphql"

    def test_asks_with_the_clients_token(self):
        self.client.sign_in(get_user_model().objects.create_user("alice"))
        self.assertResponseNoErrors(self.query(ME))

        self.client.revoke()
        self.assertResponseHasErrors(self.query(ME))


class TestTravel:
    def test_an_access_token_expires(self, phone):
        with travel(minutes=4):
            assert phone.query(ME).errors == []
        with travel(minutes=6):
            assert phone.query(ME).reasons == ["TOKEN_EXPIRED"]
        assert phone.query(ME).errors == []

    def test_a_refresh_token_expires(self, phone):
        with travel(days=8):
            answer = phone.query(REFRESH, token=phone.tokens.refresh_token)

        assert answer.reasons == ["REFRESH_EXPIRED"]

    def test_the_grace_window_closes(self, phone):
        first = phone.tokens.refresh_token
        phone.refresh()

        with travel(seconds=5):
            assert phone.query(REFRESH, token=first).errors == []
        with travel(seconds=11):
            assert phone.query(REFRESH, token=first).reasons == ["REFRESH_REUSED"]
        assert phone.query(ME).reasons == ["TOKEN_REVOKED"]

    def test_the_grace_window_is_counted_from_a_rotation_on_the_way(self, phone):
        first = phone.tokens.refresh_token
        with travel(minutes=1):
            phone.refresh()
            assert phone.query(REFRESH, token=first).errors == []
            with travel(seconds=11):
                assert phone.query(REFRESH, token=first).reasons == ["REFRESH_REUSED"]

    def test_a_session_ends_however_often_it_is_refreshed(self, phone):
        for day in range(6, 90, 6):
            with travel(days=day):
                phone.refresh()
        with travel(days=90), pytest.raises(RefreshExpired):
            phone.refresh()

    def test_what_is_opened_on_the_way_begins_there(self, alice):
        client = TokenClient()
        with travel(days=30):
            client.sign_in(alice)
            assert client.query(ME).errors == []

        assert client.query(ME).reasons == ["TOKEN_INVALID"]

    def test_a_purge_finds_what_has_expired(self, phone):
        phone.revoke()

        call_command("purge_revoked", verbosity=0)
        assert (RevokedToken.objects.count(), Session.objects.count()) == (1, 1)
        with travel(days=8):
            call_command("purge_revoked", verbosity=0)
        assert (RevokedToken.objects.count(), Session.objects.count()) == (0, 0)

    def test_all_clocks_go_together_and_come_back(self, alice):
        def clocks():
            [[theirs]] = Session.objects.values_list(Now())
            return [theirs.timestamp(), time.time(), timezone.now().timestamp()]

        sessions.open_session(alice)
        before = clocks()
        with travel(hours=1):
            assert clocks() == pytest.approx([clock + 3600 for clock in before], abs=30)
        assert clocks() == pytest.approx(before, abs=30)

    def test_journeys_add_up_and_go_back(self):
        began = timezone.now()
        with travel(hours=2), travel(hours=1):
            assert timezone.now() - began > 2.9 * HOUR
            with travel(hours=-3):
                assert abs(timezone.now() - began) < HOUR

    def test_clocks_go_on_running(self):
        with travel(hours=1):
            assert time.time() <= time.time()
            assert timezone.now() < timezone.now() + timedelta.resolution

    def test_a_failure_on_the_way_leads_back(self):
        began = timezone.now()
        with pytest.raises(KeyError), travel(hours=1):
            raise KeyError

        assert timezone.now() - began < HOUR

    def test_links_of_django_grow_old(self):
        text = signing.dumps("alice")

        with travel(minutes=11), pytest.raises(signing.SignatureExpired):
            signing.loads(text, max_age=600)

    def test_other_threads_travel_along(self):
        began, seen = timezone.now(), []
        with travel(hours=1):
            thread = threading.Thread(target=lambda: seen.append(timezone.now()))
            thread.start()
            thread.join()

        assert seen[0] - began >= HOUR

    def test_a_word_that_is_no_time_is_named(self):
        with pytest.raises(TypeError, match="fortnights"), travel(fortnights=1):
            pass

    @pytest.mark.parametrize("store", ["redis", "standby"])
    def test_beside_redis_it_is_refused(self, settings, store):
        settings.REVOCATION = settings_of("redis://127.0.0.1:1/0") | {"STORE": store}

        with pytest.raises(RuntimeError, match="STORE"), travel(minutes=1):
            pass


class TestFixtures:
    def test_each_call_is_another_device(self, signed_in, alice):
        phone, laptop = signed_in(alice), signed_in(alice)
        phone.revoke()

        assert phone.query(ME).reasons == ["TOKEN_REVOKED"]
        assert laptop.query(ME).errors == []

    def test_a_journey_lasts_for_the_test(self, signed_in, alice, travel):
        phone = signed_in(alice)
        first = phone.tokens.refresh_token
        travel(minutes=6)
        phone.refresh()
        travel(minutes=1)

        assert phone.query(REFRESH, token=first).reasons == ["REFRESH_REUSED"]

    def test_and_no_longer(self, token_client):
        assert token_client.query("{ version }").data
        assert timezone.now.__module__ == "django.utils.timezone"
