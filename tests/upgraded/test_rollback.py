"""An exchange whose request is rolled back holds in both tables, or gives no tokens."""

from contextvars import Context

import pytest
from django.db import transaction
from django.utils import timezone
from graphql_jwt.refresh_token.models import RefreshToken
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

from revocation import guard, sessions
from revocation.errors import RevocationUnavailable, TokenRevoked
from revocation.journal import open_journal
from revocation.legacy.refresh import read_legacy_refresh
from revocation.models import Session
from tests.upgraded.before import of_simplejwt, opaque

pytestmark = pytest.mark.django_db(transaction=True)


def exchange(text, now=None):
    return sessions.rotate(read_legacy_refresh(text), now=now)


def roll_back_an_exchange(text, *, meanwhile=lambda: None, now=None):
    """Return the pair of a request that was rolled back, once its writes were made again."""
    with open_journal(on_write=lambda: None) as journal:
        with transaction.atomic():
            pair = exchange(text, now)
            transaction.set_rollback(True)
        # Somebody else's request, which knows nothing of this one's journal.
        Context().run(meanwhile)
        journal.replay()
    return pair


@pytest.mark.parametrize("issue", [opaque, of_simplejwt])
def test_it_holds_here_and_there(alice, issue):
    pair = roll_back_an_exchange(issue(alice))

    assert guard.judge(pair.access_token).user == alice
    assert RefreshToken.objects.filter(revoked__isnull=False).count() == (issue is opaque)
    assert BlacklistedToken.objects.count() == (issue is of_simplejwt)


def test_revoked_meanwhile_where_it_came_from_it_gives_nothing(alice):
    text = opaque(alice)

    with pytest.raises(RevocationUnavailable):
        roll_back_an_exchange(text, meanwhile=lambda: RefreshToken.objects.get().revoke())

    assert not Session.objects.exists()


@pytest.mark.parametrize("issue", [opaque, of_simplejwt])
def test_logged_out_everywhere_meanwhile_it_gives_nothing(alice, issue):
    text = issue(alice)

    with pytest.raises(RevocationUnavailable):
        roll_back_an_exchange(text, meanwhile=lambda: sessions.end_all(alice))

    assert not Session.objects.exists()


def test_exchanged_by_somebody_else_meanwhile_it_gives_nothing_that_lasts(alice):
    text, now, others = opaque(alice), timezone.now(), []

    pair = roll_back_an_exchange(
        text, meanwhile=lambda: others.append(exchange(text, now)), now=now
    )

    # Both were given the one successor: whoever uses it later ends the session of the other.
    assert others[0].refresh_token == pair.refresh_token
    sessions.end_all(alice)
    for one in (pair, *others):
        with pytest.raises(TokenRevoked):
            _ = guard.judge(one.access_token).user
