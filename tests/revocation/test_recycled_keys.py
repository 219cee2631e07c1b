"""Whoever is given the primary key of a deleted user is given nothing else of theirs."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from revocation import sessions
from revocation.errors import RevocationError
from revocation.tokens import read_refresh
from tests.revocation.leaving import DELETE, User
from tests.revocation.verdicts import judged

pytestmark = pytest.mark.django_db

PASSWORDS = {
    "another password": lambda: make_password("another"),
    "the same password": lambda: make_password("the same"),
    "an unusable password": lambda: make_password(None),
}


def bequeath(first, delete, password):
    """Delete a user and give the number to somebody else; return the tokens of the first."""
    pair, pk = sessions.open_session(first), first.pk
    delete(first)
    heir = User(pk=pk, username="heir", password=password)
    return pair, heir


@pytest.mark.parametrize("delete", DELETE.values(), ids=DELETE)
@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS)
@pytest.mark.parametrize("create", [User.save, lambda heir: User.objects.bulk_create([heir])])
class TestARecycledPrimaryKey:
    @pytest.fixture
    def pair(self, delete, password, create):
        first = User.objects.create(username="first", password=password())
        pair, heir = bequeath(first, delete, password())
        create(heir)
        return pair

    def test_revives_no_access_token(self, pair):
        assert judged(pair.access_token) == "TOKEN_REVOKED"

    def test_revives_no_refresh_token(self, pair):
        assert refresh_reason_of(pair.refresh_token) == "SESSION_ENDED"


@pytest.mark.parametrize("delete", DELETE.values(), ids=DELETE)
def test_users_without_a_password_inherit_no_session_from_each_other(delete):
    """As `RemoteUserBackend` creates them: nothing but the number tells one from the other."""
    yesterday = timezone.now() - timedelta(days=1)
    first = User.objects.create(username="first", date_joined=yesterday)
    pair, heir = bequeath(first, delete, password="")
    heir.save()

    assert judged(pair.access_token) == "TOKEN_REVOKED"
    assert refresh_reason_of(pair.refresh_token) == "SESSION_ENDED"


@pytest.mark.parametrize("route", ["object", "queryset"])
def test_deleting_a_user_ends_the_sessions_whoever_comes_next(route):
    pair, heir = bequeath(User.objects.create(username="first"), DELETE[route], password="")
    User.objects.bulk_create([heir])

    assert judged(pair.access_token) == "TOKEN_REVOKED"


def refresh_reason_of(text):
    with pytest.raises(RevocationError) as refusal:
        sessions.rotate(read_refresh(text))
    return refusal.value.reason
