"""Another access token of a session, for whoever has no refresh token."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from revocation import sessions
from revocation.errors import RefreshUserInactive, RevocationUnavailable, SessionEnded
from revocation.journal import open_journal
from revocation.keepalive import keep_alive
from revocation.models import Session
from revocation.tokens import read_access

pytestmark = pytest.mark.django_db


@pytest.fixture
def claims(issued):
    return read_access(issued.access_token)


def test_no_token_outlives_the_session(claims):
    [row] = Session.objects.all()
    shortly_before = row.expires_at - timedelta(seconds=100)

    pair = keep_alive(claims, now=shortly_before)

    assert pair.payload["exp"] == int(row.expires_at.timestamp())


def test_the_session_ends_when_it_was_to_end(claims):
    [row] = Session.objects.all()

    keep_alive(claims, now=row.expires_at - timedelta(seconds=100))

    with pytest.raises(SessionEnded, match="Refresh has expired"):
        keep_alive(claims, now=row.expires_at)


def test_the_row_knows_of_the_token(claims):
    pair = keep_alive(claims, now=timezone.now() + timedelta(seconds=200))

    [row] = Session.objects.all()
    assert row.access_expires_at == pair.access_expires_at


def test_it_moves_neither_the_generation_nor_the_grace_window(claims):
    [before] = Session.objects.all()

    keep_alive(claims)

    [after] = Session.objects.all()
    assert (after.generation, after.rotated_at) == (before.generation, before.rotated_at)


def test_an_ended_session_is_not_kept_alive(claims):
    sessions.end(claims)

    with pytest.raises(SessionEnded):
        keep_alive(claims)


def test_that_of_a_disabled_user_is_not_kept_alive(claims, alice):
    type(alice).objects.update(is_active=False)

    with pytest.raises(RefreshUserInactive):
        keep_alive(claims)


def test_that_of_a_changed_password_is_not_kept_alive(claims, alice):
    type(alice).objects.update(password="another")

    with pytest.raises(SessionEnded):
        keep_alive(claims)


def test_a_logout_just_before_the_write_decides(claims, monkeypatch):
    load = sessions.load

    def load_and_end(claims, *, now):
        session = load(claims, now=now)
        sessions.end(claims)
        return session

    monkeypatch.setattr(sessions, "load", load_and_end)

    with pytest.raises(SessionEnded):
        keep_alive(claims)


@pytest.mark.django_db(transaction=True)
class TestRolledBack:
    @pytest.fixture
    def journal(self):
        with open_journal(on_write=list) as journal:
            yield journal

    def test_what_was_undone_is_noted_again(self, journal, claims):
        with transaction.atomic():
            pair = keep_alive(claims, now=timezone.now() + timedelta(seconds=200))
            transaction.set_rollback(True)

        journal.replay()

        [row] = Session.objects.all()
        assert row.access_expires_at == pair.access_expires_at

    def test_no_token_is_given_where_the_session_ended_meanwhile(self, journal, claims):
        with transaction.atomic():
            keep_alive(claims, now=timezone.now() + timedelta(seconds=200))
            transaction.set_rollback(True)
        sessions.end_rows([claims.sid])

        with pytest.raises(RevocationUnavailable):
            journal.replay()
