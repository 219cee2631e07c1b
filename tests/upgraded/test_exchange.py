"""A refresh token from before the upgrade is exchanged once, for a session."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone
from graphql_jwt.refresh_token.models import RefreshToken
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from revocation import sessions
from revocation.contrib.graphql_jwt import HANDLERS
from revocation.legacy.refresh import read_legacy_refresh
from revocation.models import RevokedToken, Session
from tests.client import LOGOUT
from tests.revocation.legacy.old_world import access_token, in_force, simplejwt_token
from tests.upgraded.before import KINDS, kept_alive, of_simplejwt, opaque

pytestmark = pytest.mark.django_db

MINE = "{ sessions { id } }"
REVOKE = "mutation ($t: String) { revokeToken(refreshToken: $t) { revoked } }"
LOGOUT_BY = "mutation ($t: String) { logout(refreshToken: $t) { ok } }"
PROJECTS_OWN = "tests.upgraded.handlers.get_of_a_device"


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def issue(request):
    """What issues one kind of refresh token."""
    return request.param


@pytest.fixture
def token(issue, alice):
    return issue(alice)


def after_grace():
    Session.objects.update(rotated_at=timezone.now() - timedelta(minutes=1))


class TestOnce:
    def test_it_opens_a_session(self, graphql, token):
        pair = graphql.refresh(token)

        [session] = graphql.bearing(pair)(MINE).data["sessions"]
        assert Session.objects.get().id == session["id"]

    def test_a_lost_answer_is_given_again(self, graphql, token):
        first, second = graphql.refresh(token), graphql.refresh(token)

        assert first.refresh == second.refresh
        assert Session.objects.count() == 1

    def test_later_it_is_reuse_and_ends_the_session(self, graphql, token):
        pair = graphql.refresh(token)
        after_grace()

        assert graphql.try_refresh(token).reason == "REFRESH_REUSED"

        assert graphql.bearing(pair)(MINE).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(pair).reason == "SESSION_ENDED"
        assert graphql.try_refresh(token).reason == "SESSION_ENDED"

    def test_of_the_session_its_successors_are_rotated_as_ever(self, graphql, token):
        third = graphql.refresh(graphql.refresh(token))

        assert graphql.bearing(third)(MINE).data
        assert graphql.try_refresh(token).reason == "REFRESH_REUSED"

    def test_where_it_came_from_nobody_takes_it_any_more(self, graphql, alice):
        for token in (opaque(alice), of_simplejwt(alice)):
            graphql.refresh(token)

        assert not RefreshToken.objects.filter(revoked=None).exists()
        assert BlacklistedToken.objects.count() == OutstandingToken.objects.count() == 1

    def test_the_times_of_the_new_pair_are_ours(self, graphql, token):
        before = timezone.now()

        graphql.refresh(token)

        session = Session.objects.get()
        assert session.created_at > before - timedelta(seconds=1)
        assert session.expires_at > before + timedelta(days=6)


class TestRefused:
    def test_a_token_that_nobody_issued(self, graphql, token):
        for text in ("", "0" * 40, "0" * 300, "ä" * 40, "a\0b", f"{token}0", token[:-2]):
            assert graphql.try_refresh(text).reason == "REFRESH_INVALID"
        assert not Session.objects.exists()

    def test_as_an_access_token(self, graphql, alice):
        for token in (opaque(alice), of_simplejwt(alice)):
            assert graphql.bearing(token)(MINE).reason == "TOKEN_INVALID"

    def test_an_access_token_of_simplejwt(self, graphql, alice):
        assert graphql.try_refresh(simplejwt_token(alice)).reason == "REFRESH_INVALID"

    def test_an_access_token_where_those_were_not_refreshed(self, graphql, alice, settings):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_LONG_RUNNING_REFRESH_TOKEN": True}

        assert graphql.try_refresh(access_token(alice)).reason == "REFRESH_INVALID"
        assert not Session.objects.exists()

    @pytest.mark.parametrize("until", [None, "2020-01-01T00:00:00Z"], ids=["off", "past"])
    def test_beyond_the_date(self, graphql, token, settings, until, django_assert_num_queries):
        settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL=until)

        with django_assert_num_queries(0):
            assert graphql.try_refresh(token).reason == "REFRESH_INVALID"

    def test_a_row_that_was_revoked(self, graphql, alice):
        text = opaque(alice)
        RefreshToken.objects.get().revoke()

        assert graphql.try_refresh(text).reason == "SESSION_ENDED"

    def test_a_row_that_has_expired(self, graphql, alice):
        text = opaque(alice)
        RefreshToken.objects.update(created=timezone.now() - timedelta(days=8))

        assert graphql.try_refresh(text).reason == "REFRESH_EXPIRED"

    def test_a_row_whose_token_was_replaced(self, graphql, alice):
        text = opaque(alice)
        RefreshToken.objects.get().reuse()

        assert graphql.try_refresh(text).reason == "REFRESH_INVALID"

    def test_what_simplejwt_was_told_to_refuse(self, graphql, alice):
        text = of_simplejwt(alice)
        BlacklistedToken.objects.create(token=OutstandingToken.objects.get())

        assert graphql.try_refresh(text).reason == "SESSION_ENDED"

    def test_an_access_token_that_simplejwt_was_told_to_refuse(self, graphql, alice):
        text = simplejwt_token(alice, jti="an id")
        outstanding = OutstandingToken.objects.create(jti="an id", expires_at=timezone.now())
        BlacklistedToken.objects.create(token=outstanding)

        assert graphql.bearing(text)(MINE).reason == "TOKEN_REVOKED"

    def test_an_expired_one_of_simplejwt(self, graphql, alice):
        assert graphql.try_refresh(simplejwt_token(alice, "refresh", exp=1)).reason == (
            "REFRESH_EXPIRED"
        )

    def test_an_access_token_whose_time_for_refreshing_is_over(self, graphql, alice, settings):
        settings.REVOCATION = in_force(ACCEPT_LEGACY_EXPIRED=True)
        long_ago = int((timezone.now() - timedelta(days=8)).timestamp())
        type(alice).objects.update(**_joined(alice, long_ago))

        assert graphql.try_refresh(access_token(alice, origIat=long_ago)).reason == (
            "REFRESH_EXPIRED"
        )

    def test_an_expired_access_token_unless_expiry_did_not_count(self, graphql, alice, settings):
        text = access_token(alice, exp=1)
        assert graphql.try_refresh(text).reason == "REFRESH_EXPIRED"

        settings.REVOCATION = in_force(ACCEPT_LEGACY_EXPIRED=True)
        assert graphql.bearing(graphql.refresh(text))(MINE).data

    def test_an_inactive_user_who_may_come_back(self, graphql, token, alice):
        type(alice).objects.update(is_active=False)
        assert graphql.try_refresh(token).reason == "USER_INACTIVE"

        type(alice).objects.update(is_active=True)
        assert graphql.bearing(graphql.refresh(token))(MINE).data

    def test_a_deleted_user(self, graphql, token, alice):
        alice.delete()

        assert graphql.try_refresh(token).reason in {"USER_INACTIVE", "REFRESH_INVALID"}


class TestRevoked:
    @pytest.mark.parametrize("query", [REVOKE, LOGOUT_BY])
    def test_before_it_is_exchanged(self, graphql, token, query):
        assert graphql(query, t=token).data

        assert graphql.try_refresh(token).reason == "SESSION_ENDED"

    @pytest.mark.parametrize("query", [REVOKE, LOGOUT_BY])
    def test_after_it_was_exchanged(self, graphql, token, query):
        pair = graphql.refresh(token)

        assert graphql(query, t=token).data

        assert graphql.bearing(pair)(MINE).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(pair).reason == "SESSION_ENDED"

    def test_the_row_is_marked_for_whoever_asks_there(self, graphql, alice):
        graphql(LOGOUT_BY, t=opaque(alice))

        assert RefreshToken.objects.get().revoked is not None

    def test_logging_out_everywhere_unseen(self, graphql, token, alice):
        sessions.end_all(alice)

        assert graphql.try_refresh(token).reason == "SESSION_ENDED"

    def test_a_new_password_unseen(self, graphql, token, alice):
        alice.set_password("another one")
        alice.save()

        assert graphql.try_refresh(token).reason == "SESSION_ENDED"

    def test_the_access_token_that_was_refreshed_goes_with_the_session(self, graphql, alice):
        token = kept_alive(alice)
        pair = graphql.refresh(token)
        assert graphql.bearing(token)(MINE).data

        graphql.bearing(pair)(LOGOUT)

        assert graphql.bearing(token)(MINE).reason == "TOKEN_REVOKED"

    def test_nobody_who_joins_under_a_freed_name_gets_it(self, graphql, alice, make_user):
        token = access_token(alice, origIat=int(timezone.now().timestamp()) - 60)
        type(alice).objects.filter(pk=alice.pk).update(**{alice.USERNAME_FIELD: "alicia"})
        make_user("alice")

        assert graphql.bearing(token)(MINE).reason == "TOKEN_REVOKED"

    @pytest.mark.django_db(transaction=True)
    def test_who_wants_a_name_that_is_taken_takes_nothing(self, graphql, alice, make_user):
        token = access_token(alice)
        with pytest.raises(IntegrityError):
            make_user("alice")

        assert graphql.bearing(token)(MINE).data

    def test_a_logout_beyond_the_date_counts_should_that_be_moved(self, graphql, token, settings):
        settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL="2020-01-01T00:00:00Z")
        graphql(LOGOUT_BY, t=token)
        settings.REVOCATION = in_force()

        assert graphql.try_refresh(token).reason == "SESSION_ENDED"


class TestSecrets:
    def test_nothing_of_the_text_is_written_or_logged(self, graphql, alice, caplog):
        texts = [opaque(alice), of_simplejwt(alice), simplejwt_token(alice, "refresh")]
        for text in texts:
            graphql.refresh(text)
            after_grace()
            graphql.try_refresh(text)

        ours = [*Session.objects.values_list(), *RevokedToken.objects.values_list()]
        outstanding = OutstandingToken.objects.exclude(token=texts[1]).values_list()
        for text in texts:
            for part in text.split("."):
                assert part not in str([ours, list(outstanding), caplog.text])


class TestProjectsOwn:
    def test_a_handler_of_the_projects_own_has_the_say(self, graphql, alice, settings):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {
            "JWT_GET_REFRESH_TOKEN_HANDLER": PROJECTS_OWN
        }
        text = opaque(alice)

        assert graphql.try_refresh(text).reason == "REFRESH_INVALID"
        graphql.headers["X-Device"] = "known"
        pair = graphql.refresh(text)

        assert graphql.bearing(pair)(MINE).data
        assert graphql.refresh(text).refresh == pair.refresh

    def test_the_handler_of_ours_that_stops_the_original_stops_no_exchange(
        self, graphql, alice, settings
    ):
        text = opaque(alice)
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | HANDLERS

        assert graphql.bearing(graphql.refresh(text))(MINE).data

    def test_without_the_table_other_kinds_are_exchanged(self, graphql, alice, settings):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_REFRESH_TOKEN_MODEL": "gone.Token"}

        assert graphql.try_refresh("0" * 40).reason == "REFRESH_INVALID"
        assert graphql.refresh(of_simplejwt(alice))


def test_the_claims_are_those_of_generation_zero(alice):
    claims = read_legacy_refresh(opaque(alice))

    assert (claims.sub, claims.gen) == (str(alice.pk), 0)


def _joined(user, epoch):
    """Let a user have been there before, where the model knows."""
    if not hasattr(user, "date_joined"):
        return {"is_active": True}
    return {"date_joined": timezone.now() - timedelta(days=100)}
