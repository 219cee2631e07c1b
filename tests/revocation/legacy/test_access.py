"""An access token from before the upgrade: good until the date, and revoked like any other."""

import hmac
import time
from datetime import UTC, datetime, timedelta
from hashlib import md5

import jwt
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from revocation import blacklist, guard, passwords, sessions
from revocation.legacy.access import read_legacy_access
from revocation.models import RevokedToken, Session
from tests.client import LOGOUT, ME, PASSWORD
from tests.revocation.forge import encode, forge
from tests.revocation.legacy.old_world import access_token, in_force, simplejwt_token
from tests.revocation.test_signing_keys import PAIRS

pytestmark = pytest.mark.django_db

ALICE = {"me": {"username": "alice"}}
LOGOUT_ALL = "mutation ($but: Boolean) { logoutAll(exceptCurrent: $but) { ended } }"
ANOTHER_KEY = "another key, and one that is long enough for every algorithm there is: sixty-four"


def in_a_minute():
    return int(time.time()) + 60


def in_an_hour():
    """Written into the table of cases, and still to come when the last of them is tried."""
    return int(time.time()) + 3600


class TestAccepted:
    def test_a_token_of_django_graphql_jwt_opens_a_protected_field(self, client):
        assert client(ME).data == ALICE

    def test_a_token_of_simplejwt_does(self, graphql, alice):
        assert graphql.bearing(simplejwt_token(alice))(ME).data == ALICE

    def test_a_payload_handler_may_have_added_claims(self, graphql, alice):
        token = access_token(alice, sub=str(alice.pk), roles=["editor"], iat=1.5)

        assert graphql.bearing(token)(ME).data == ALICE

    def test_verify_token_shows_what_it_says(self, graphql, alice, token):
        answer = graphql("mutation ($t: String) { verifyToken(token: $t) { payload } }", t=token)

        assert answer.data["verifyToken"]["payload"]["username"] == "alice"

    def test_its_session_is_listed_with_the_device_that_presented_it(self, client):
        client.headers["User-Agent"] = "Old Browser"

        [session] = client("{ sessions { current userAgent } }").data["sessions"]

        assert session == {"current": True, "userAgent": "Old Browser"}

    def test_where_it_is_what_is_refreshed_its_session_lasts_as_long_as_that(
        self, graphql, alice, settings
    ):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_LONG_RUNNING_REFRESH_TOKEN": False}
        issued = int(time.time()) - 3600
        alice.date_joined -= timedelta(days=1)
        alice.save()

        graphql.bearing(access_token(alice, origIat=issued))(ME)

        end = datetime.fromtimestamp(issued, UTC) + timedelta(days=7)
        assert Session.objects.get().expires_at == end

    def test_one_session_belongs_to_it_however_often_it_is_presented(self, client, token, graphql):
        for _ in range(3):
            client(ME)
        graphql.bearing(f"{token}==")(ME)

        assert Session.objects.count() == 1

    def test_tokens_of_a_previous_key_are_good(self, graphql, alice, settings):
        settings.REVOCATION = in_force(PREVIOUS_KEYS=[ANOTHER_KEY])
        claims = {"username": "alice", "exp": in_a_minute(), "origIat": int(time.time())}
        old = jwt.encode(claims, ANOTHER_KEY, "HS256")

        assert graphql.bearing(old)(ME).data == ALICE
        assert graphql.bearing(simplejwt_token(alice, key=ANOTHER_KEY))(ME).data == ALICE

    def test_the_settings_of_simplejwt_are_its_own(self, graphql, alice, settings):
        settings.SIMPLE_JWT = {
            "SIGNING_KEY": ANOTHER_KEY,
            "USER_ID_FIELD": "username",
            "USER_ID_CLAIM": "who",
            "TOKEN_TYPE_CLAIM": "sort",
            "ISSUER": "us",
            "AUDIENCE": "them",
        }
        claims = {"who": "alice", "sort": "access", "iss": "us", "aud": "them"}

        good = simplejwt_token(alice, key=ANOTHER_KEY, **claims)
        elsewhere = simplejwt_token(alice, key=ANOTHER_KEY, **claims | {"iss": "them"})
        of_others = simplejwt_token(alice, key=ANOTHER_KEY, **claims | {"aud": "us"})

        assert graphql.bearing(good)(ME).data == ALICE
        assert graphql.bearing(elsewhere)(ME).reason == "TOKEN_INVALID"
        assert graphql.bearing(of_others)(ME).reason == "TOKEN_INVALID"

    def test_a_pair_of_keys_of_simplejwt_verifies_what_it_signed(self, graphql, alice, settings):
        pair = PAIRS["ES256"]
        public = pair["JWT_PUBLIC_KEY"]
        settings.SIMPLE_JWT = {"ALGORITHM": "ES256", "VERIFYING_KEY": public}
        claims = jwt.decode(simplejwt_token(alice), options={"verify_signature": False})
        header, payload, _ = simplejwt_token(alice).split(".")
        forged = hmac.digest(public.encode(), f"{header}.{payload}".encode(), "sha256")

        good = jwt.encode(claims, pair["JWT_PRIVATE_KEY"], "ES256")
        signed_with_the_public_key = f"{header}.{payload}.{encode(forged).decode()}"

        assert graphql.bearing(good)(ME).data == ALICE
        for text in (signed_with_the_public_key, simplejwt_token(alice)):
            assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"

    def test_a_renamed_user_keeps_the_session(self, client, alice):
        client(ME)
        alice.username = "alicia"
        alice.save()

        assert client(ME).data == {"me": {"username": "alicia"}}


class TestCost:
    @pytest.mark.django_db(transaction=True)
    def test_once_a_worker_has_met_it_a_request_costs_one_statement(
        self, client, django_assert_num_queries
    ):
        client(ME)
        client(ME)

        with django_assert_num_queries(1):
            assert client(ME).data == ALICE

    @pytest.mark.django_db(transaction=True)
    def test_another_worker_looks_for_its_session_once(
        self, client, settings, django_assert_num_queries
    ):
        client(ME)
        # Read anew, the settings leave nothing in mind.
        settings.REVOCATION = dict(settings.REVOCATION)

        with django_assert_num_queries(2):
            client(ME)
        with django_assert_num_queries(1):
            client(ME)

    @pytest.mark.django_db(transaction=True)
    def test_what_was_rolled_back_is_not_kept_in_mind(self, token, alice):
        with transaction.atomic():
            assert [guard.judge(token).user, guard.judge(token).user] == [alice, alice]
            transaction.set_rollback(True)

        assert guard.judge(token).user == alice
        assert Session.objects.count() == 1

    def test_our_own_tokens_cost_one_statement(self, graphql, issued, django_assert_num_queries):
        client = graphql.bearing(issued.access_token)

        with django_assert_num_queries(1):
            assert client(ME).data == ALICE

    @pytest.mark.parametrize("until", [None, "2020-01-01T00:00:00Z"], ids=["off", "past"])
    def test_refused_after_the_date_it_costs_none(
        self, client, settings, until, django_assert_num_queries
    ):
        settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL=until)

        with django_assert_num_queries(0):
            assert client(ME).reason == "TOKEN_INVALID"


class TestRefused:
    CHANGES = {
        "no name": {"username": None},
        "no expiry": {"exp": None},
        "expiry as text": {"exp": "9999999999"},
        "expiry that is no number": {"exp": float("nan")},
        "no time of issue": {"origIat": None},
        "issued in the future": {"origIat": in_an_hour()},
        "not yet": {"nbf": in_an_hour()},
        "nobody's name": {"username": "nobody"},
        "a name in capitals": {"username": "ALICE"},
        "a name that is a truth": {"username": True},
        "a name that is a list": {"username": ["alice"]},
        "a name no database takes": {"username": "ali\0ce"},
        "half a character": {"username": "ali\ud800"},
    }

    @pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
    def test_a_token_that_says_too_little_or_nonsense(self, graphql, alice, changes):
        answer = graphql.bearing(access_token(alice, **changes))(ME)

        assert answer.reason in {"TOKEN_INVALID", "USER_INACTIVE"}
        assert not Session.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"token_type": "sliding"},
            {"token_type": "refresh"},
            {"token_type": ["access"]},
            {"jti": None},
            {"jti": 7},
            {"jti": "half \ud800"},
            {"jti": "long" * 100},
            {"user_id": None},
            {"user_id": "9" * 30},
            {"user_id": "one"},
            {"user_id": "01"},
        ],
    )
    def test_of_simplejwt_too(self, graphql, alice, changes):
        text = simplejwt_token(alice, **changes)

        assert graphql.bearing(text)(ME).reason in {"TOKEN_INVALID", "USER_INACTIVE"}
        assert not Session.objects.exists()

    def test_another_key_and_no_signature(self, graphql, token):
        claims = jwt.decode(token, options={"verify_signature": False})
        for text in (
            jwt.encode(claims, ANOTHER_KEY, "HS256"),
            jwt.encode(claims, None, "none"),
            token.rpartition(".")[0] + ".",
        ):
            assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"

    def test_clients_that_read_messages_are_told_as_ever(self, graphql, token, issued):
        ours = issued.access_token
        for text in ("garbage", token[:-4], f"{token}!", forge(ours, key=b"another" * 8)):
            [error] = graphql.bearing(text)(ME).body["errors"]

            assert error["message"] == "Error decoding signature"

    def test_an_algorithm_other_than_the_one_that_was_set(self, graphql, token, settings):
        claims = jwt.decode(token, options={"verify_signature": False})
        with pytest.warns(jwt.InsecureKeyLengthWarning):
            text = jwt.encode(claims, settings.SECRET_KEY, "HS512")

        assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"

    def test_an_empty_key_of_simplejwt_verifies_nothing(self, graphql, alice, settings):
        settings.SIMPLE_JWT = {"SIGNING_KEY": ""}
        claims = jwt.decode(simplejwt_token(alice), options={"verify_signature": False})
        header, payload, _ = jwt.encode(claims, ANOTHER_KEY, "HS256").split(".")
        signature = hmac.digest(b"", f"{header}.{payload}".encode(), "sha256")
        text = f"{header}.{payload}.{encode(signature).decode()}"

        assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"

    def test_an_expired_one(self, graphql, alice):
        for text in (access_token(alice, exp=1), simplejwt_token(alice, exp=1)):
            assert graphql.bearing(text)(ME).reason == "TOKEN_EXPIRED"

    def test_an_inactive_user_and_the_token_works_for_nobody_else(self, client, alice):
        type(alice).objects.update(is_active=False)

        assert client(ME).reason == "USER_INACTIVE"

    def test_a_token_bound_to_another_password(self, graphql, alice, settings):
        settings.SIMPLE_JWT = {"CHECK_REVOKE_TOKEN": True}
        digest = md5(alice.password.encode(), usedforsecurity=False).hexdigest().upper()

        good = simplejwt_token(alice, hash_password=digest)
        for text in (simplejwt_token(alice), simplejwt_token(alice, hash_password="0" * 32)):
            assert graphql.bearing(text)(ME).reason == "TOKEN_REVOKED"
        assert graphql.bearing(good)(ME).data == ALICE


class TestExpiryThatNobodyVerified:
    @pytest.fixture(autouse=True)
    def _unverified(self, settings):
        settings.REVOCATION = in_force(ACCEPT_LEGACY_EXPIRED=True)

    def test_a_long_expired_token_works_until_the_date(self, graphql, alice, settings):
        client = graphql.bearing(access_token(alice, exp=1))
        assert client(ME).data == ALICE

        settings.REVOCATION = in_force(
            ACCEPT_LEGACY_EXPIRED=True, ACCEPT_LEGACY_UNTIL="2020-01-01T00:00:00Z"
        )
        assert client(ME).reason == "TOKEN_INVALID"

    def test_its_session_is_listed_until_then(self, graphql, alice, settings):
        client = graphql.bearing(access_token(alice, exp=1))

        [session] = client("{ sessions { expiresAt } }").data["sessions"]

        until = datetime.fromisoformat(settings.REVOCATION["ACCEPT_LEGACY_UNTIL"])
        assert datetime.fromisoformat(session["expiresAt"]) == until

    def test_the_date_moved_it_is_listed_until_the_new_one(self, graphql, alice, settings):
        client = graphql.bearing(access_token(alice, exp=1))
        client(ME)
        until = timezone.now() + timedelta(days=60)
        settings.REVOCATION = in_force(ACCEPT_LEGACY_EXPIRED=True, ACCEPT_LEGACY_UNTIL=until)

        [session] = client("{ sessions { expiresAt } }").data["sessions"]

        assert datetime.fromisoformat(session["expiresAt"]) == until

    def test_tokens_of_simplejwt_and_our_own_expire(self, graphql, alice, issued):
        for text in (simplejwt_token(alice, exp=1), forge(issued.access_token, exp=1)):
            assert graphql.bearing(text)(ME).reason == "TOKEN_EXPIRED"


class TestRevoked:
    def test_logout_ends_it(self, client):
        client(ME)

        assert client(LOGOUT).data == {"logout": {"ok": True}}

        assert client(ME).reason == "TOKEN_REVOKED"

    def test_logout_as_the_first_thing_ever_done_with_it(self, client):
        client(LOGOUT)

        assert client(ME).reason == "TOKEN_REVOKED"

    def test_revoke_session_by_its_id(self, client, graphql, issued):
        client(ME)
        other = graphql.bearing(issued.access_token)
        [sid] = [
            one["id"]
            for one in other("{ sessions { id current } }").data["sessions"]
            if not one["current"]
        ]

        other("mutation ($id: ID!) { revokeSession(id: $id) { ok } }", id=sid)

        assert client(ME).reason == "TOKEN_REVOKED"

    def test_logout_all_with_it(self, client):
        client(LOGOUT_ALL)

        assert client(ME).reason == "TOKEN_REVOKED"

    def test_but_the_current_one_goes_on(self, client):
        client(LOGOUT_ALL, but=True)

        assert client(ME).data == ALICE

    def test_a_password_changed_behind_djangos_back_ends_what_was_seen(self, client, alice):
        client(ME)
        type(alice).objects.update(password="!")

        assert client(ME).reason == "TOKEN_REVOKED"

    def test_change_password_goes_on_with_a_pair_of_ours(self, client, graphql):
        answer = client(
            "mutation ($old: String!, $new: String!) {"
            " changePassword(oldPassword: $old, newPassword: $new) { token } }",
            old=PASSWORD,
            new="an entirely different one",
        )

        assert client(ME).reason == "TOKEN_REVOKED"
        assert graphql.bearing(answer.data["changePassword"]["token"])(ME).data == ALICE

    def test_its_own_key_revokes_it_without_its_session(self, client, token):
        blacklist.revoke_token(read_legacy_access(token))

        assert client(ME).reason == "TOKEN_REVOKED"

    @pytest.mark.parametrize("is_seen", [True, False])
    def test_the_operator_revokes_one(self, client, token, is_seen, capsys):
        if is_seen:
            client(ME)

        call_command("revoke", token=token)

        assert "Ended session" in capsys.readouterr().out
        assert client(ME).reason == "TOKEN_REVOKED"

    def test_what_no_key_signed_the_operator_is_told(self, alice):
        with pytest.raises(CommandError, match="no token"):
            call_command("revoke", token=access_token(alice)[:-4])

    def test_the_blacklist_has_no_part_of_its_text(self, client, token):
        client(LOGOUT)

        rows = [*RevokedToken.objects.values_list(), *Session.objects.values_list()]
        assert not any(segment in str(rows) for segment in token.split("."))
        assert "username" not in str(rows)


class TestRevokedUnseen:
    """Whatever ends all sessions of a user ends tokens that nobody has presented since."""

    def log_out_everywhere(alice, graphql):
        sessions.end_all(alice)

    def log_out_everywhere_else(alice, graphql):
        graphql.bearing(graphql.sign_in())(LOGOUT_ALL, but=True)

    def change_password(alice, graphql):
        pair = sessions.open_session(alice)
        passwords.change(
            alice, sid=pair.payload["sid"], old_password=PASSWORD, new_password="a new one, long"
        )

    def set_password(alice, graphql):
        alice.set_password("another one")
        alice.save()

    def set_password_alone(alice, graphql):
        alice.set_password("another one")
        alice.save(update_fields=["password"])

    def deactivate_and_reactivate(alice, graphql):
        for is_active in (False, True):
            alice.is_active = is_active
            alice.save()

    def delete_and_restore(alice, graphql):
        pk = alice.pk
        alice.delete()
        type(alice).objects.create(
            pk=pk, username="alice", date_joined=datetime(2020, 1, 1, tzinfo=UTC)
        )

    def delete_and_have_the_name_taken_behind_djangos_back(alice, graphql):
        bob = type(alice).objects.create_user("bob", date_joined=datetime(2020, 1, 1, tzinfo=UTC))
        alice.delete()
        type(alice).objects.filter(pk=bob.pk).update(username="alice")

    def give_the_name_to_somebody_who_was_there(alice, graphql):
        bob = type(alice).objects.create_user("bob", date_joined=datetime(2020, 1, 1, tzinfo=UTC))
        alice.username = "alicia"
        alice.save()
        bob.username = "alice"
        bob.save()

    def take_a_name_freed_behind_djangos_back(alice, graphql):
        bob = type(alice).objects.create_user("bob", date_joined=datetime(2020, 1, 1, tzinfo=UTC))
        type(alice).objects.filter(pk=alice.pk).update(username="alicia")
        bob.username = "alice"
        bob.save()

    def join_under_a_freed_name(alice, graphql):
        alice.username = "alicia"
        alice.save()
        type(alice).objects.create_user("alice", date_joined=timezone.now() + timedelta(seconds=2))

    def revoke_user(alice, graphql):
        call_command("revoke", user="alice")

    def revoke_all(alice, graphql):
        call_command("revoke", all=True)

    WAYS = [
        log_out_everywhere,
        log_out_everywhere_else,
        change_password,
        set_password,
        set_password_alone,
        deactivate_and_reactivate,
        delete_and_restore,
        delete_and_have_the_name_taken_behind_djangos_back,
        give_the_name_to_somebody_who_was_there,
        take_a_name_freed_behind_djangos_back,
        join_under_a_freed_name,
        revoke_user,
        revoke_all,
    ]

    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_they_do(self, client, graphql, alice, way):
        way(alice, graphql)

        assert client(ME).reason == "TOKEN_REVOKED"
        assert (
            not Session.objects.unended()
            .filter(generation=0, user_agent="")
            .exclude(pk__in=Session.objects.filter(created_at__lt=timezone.now()))
        )

    @pytest.mark.parametrize(
        "save",
        [
            lambda alice: alice.save(),
            lambda alice: alice.save(update_fields=["last_login"]),
            lambda alice: alice.set_password("x") or alice.save(update_fields=["email"]),
            lambda alice: type(alice).objects.only("email").get().save(),
        ],
        ids=["all of it", "something else", "not what was changed", "a part of it"],
    )
    def test_a_user_saved_as_before_keeps_them(self, client, alice, save):
        save(alice)

        assert client(ME).data == ALICE

    def test_a_user_of_whom_little_was_loaded_is_deleted_with_them(self, client, alice):
        pk = alice.pk
        type(alice).objects.only("email").get().delete()
        type(alice).objects.create(
            pk=pk, username="alice", date_joined=datetime(2020, 1, 1, tzinfo=UTC)
        )

        assert client(ME).reason == "TOKEN_REVOKED"

    def test_nobody_elses_go_with_them(self, graphql, make_user, alice):
        bob = graphql.bearing(access_token(make_user("bob")))
        sessions.end_all(alice)

        assert bob(ME).data == {"me": {"username": "bob"}}

    def test_nothing_is_kept_of_users_where_no_legacy_token_is_accepted(self, alice, settings):
        settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL=None)
        sessions.end_all(alice)
        alice.set_password("another one")
        alice.save()

        assert not RevokedToken.objects.exists()
