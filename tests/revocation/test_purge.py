"""A purge forgets what has expired for good, and brings nothing back to life."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from revocation import blacklist, guard, sessions
from revocation.claims import new_id
from revocation.conf import conf
from revocation.errors import TokenRevoked
from revocation.models import RevokedToken, Session
from revocation.tokens import read_access, read_refresh

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MARGIN = timedelta(seconds=300)


def purge(*arguments):
    out = io.StringIO()
    call_command("purge_revoked", *arguments, stdout=out, no_color=True)
    return out.getvalue().strip()


def entry(*, expired_since):
    moment = timezone.now() - expired_since
    return RevokedToken.objects.create(key=new_id(), expires_at=moment)


def session(user, *, expired_since, access_expired_since=None):
    moment = timezone.now()
    return Session.objects.create(
        user=user,
        fingerprint="",
        created_at=moment,
        rotated_at=moment,
        expires_at=moment - expired_since,
        access_expires_at=moment - (access_expired_since or expired_since),
    )


class TestEntries:
    def test_an_expired_one_goes_and_a_live_one_stays(self):
        entry(expired_since=SECOND)
        live = entry(expired_since=-60 * SECOND)

        assert purge() == "Purged 1 blacklist entries and 0 sessions."
        assert list(RevokedToken.objects.all()) == [live]

    def test_nothing_to_do_is_no_error(self):
        assert purge() == "Purged 0 blacklist entries and 0 sessions."

    def test_the_leeway_keeps_it_longer(self, settings):
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": 60}
        kept = entry(expired_since=50 * SECOND)
        entry(expired_since=70 * SECOND)

        purge()

        assert list(RevokedToken.objects.all()) == [kept]


class TestSessions:
    def test_one_goes_when_both_its_tokens_have_expired_by_the_margin(self, alice):
        session(alice, expired_since=MARGIN + SECOND)

        assert purge() == "Purged 0 blacklist entries and 1 sessions."

    @pytest.mark.parametrize(
        ("refresh", "access"),
        [
            (MARGIN - 60 * SECOND, MARGIN + SECOND),
            (MARGIN + SECOND, MARGIN - 60 * SECOND),
            (-SECOND, MARGIN + SECOND),
            (MARGIN + SECOND, -SECOND),
        ],
        ids=["margin of refresh", "margin of access", "live refresh", "live access"],
    )
    def test_one_stays_while_either_may_live(self, alice, refresh, access):
        session(alice, expired_since=refresh, access_expired_since=access)

        assert purge() == "Purged 0 blacklist entries and 0 sessions."

    def test_the_leeway_keeps_it_longer(self, alice, settings):
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": 60}
        session(alice, expired_since=MARGIN + 50 * SECOND)

        assert purge() == "Purged 0 blacklist entries and 0 sessions."


class TestBatches:
    def test_they_are_as_large_as_asked_and_reach_everything(self, alice):
        for _ in range(5):
            entry(expired_since=SECOND)
            session(alice, expired_since=MARGIN + SECOND)

        said = purge("--batch", "2", "--verbosity", "2").splitlines()

        assert said == [
            "2 blacklist entries so far",
            "4 blacklist entries so far",
            "5 blacklist entries so far",
            "2 sessions so far",
            "4 sessions so far",
            "5 sessions so far",
            "Purged 5 blacklist entries and 5 sessions.",
        ]

    def test_each_is_committed_by_itself(self):
        for _ in range(5):
            entry(expired_since=SECOND)
        batches = blacklist.purge(batch=2)

        assert next(batches) == 2
        assert RevokedToken.objects.count() == 3

    @pytest.mark.parametrize("batch", ["0", "-1", "x", "1.5"])
    def test_a_batch_that_is_no_number_of_rows_is_an_error(self, batch):
        with pytest.raises(CommandError, match="batch"):
            purge(f"--batch={batch}")


@pytest.mark.parametrize("leeway", [0, 1, 60, 3600])
@pytest.mark.parametrize("margin", [0, 300])
class TestAroundExpiry:
    """Move the clock in steps over the end of a revoked token; it is refused at each of them."""

    @pytest.fixture(autouse=True)
    def _configured(self, settings, leeway, margin):
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": leeway}
        settings.REVOCATION = {"RETENTION_MARGIN": margin}

    @pytest.mark.parametrize("revoke", [blacklist.revoke_token, sessions.end])
    def test_a_purge_at_any_moment_brings_no_token_back(self, issued, revoke):
        claims = read_access(issued.access_token)
        revoke(claims)
        end = claims.expires_at + conf().leeway

        for seconds in (-3600, -301, -1, conf().retention_margin.total_seconds() - 1):
            list(blacklist.purge(now=end + seconds * SECOND))
            list(sessions.purge(now=end + seconds * SECOND))

            with pytest.raises(TokenRevoked):
                guard.judge(issued.access_token)

    def test_a_purge_afterwards_forgets_it(self, issued):
        claims = read_access(issued.access_token)
        blacklist.revoke_token(claims)
        long_after = claims.expires_at + 2 * conf().leeway + conf().retention_margin + SECOND

        assert sum(blacklist.purge(now=long_after)) == 1


def test_a_lifetime_lowered_before_the_logout_does_not_shorten_the_record(alice, settings):
    settings.GRAPHQL_JWT = {"JWT_EXPIRATION_DELTA": timedelta(hours=12)}
    pair = sessions.open_session(alice)
    settings.GRAPHQL_JWT = {"JWT_EXPIRATION_DELTA": timedelta(minutes=1)}
    sessions.rotate(read_refresh(pair.refresh_token))
    sessions.end(read_access(pair.access_token))

    list(blacklist.purge(now=timezone.now() + timedelta(hours=11)))

    assert blacklist.is_revoked([pair.payload["sid"]])


def test_a_leeway_raised_after_the_logout_does_not_outlast_the_record(issued, settings):
    settings.REVOCATION = {"RETENTION_MARGIN": 0}
    claims = read_access(issued.access_token)
    blacklist.revoke_token(claims)
    settings.GRAPHQL_JWT = {"JWT_LEEWAY": 3600}

    list(blacklist.purge(now=claims.expires_at + 3599 * SECOND))

    with pytest.raises(TokenRevoked):
        guard.judge(issued.access_token)
