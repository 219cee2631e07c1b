"""What every store promises; a new store inherits the class."""

from datetime import timedelta

import pytest
from django.utils import timezone

from revocation import blacklist, sessions
from revocation.claims import new_id
from revocation.conf import conf
from revocation.errors import TokenRevoked
from revocation.guard import judge
from revocation.models import RevokedToken
from revocation.stores.database import DatabaseStore
from revocation.tokens import read_access, read_refresh

pytestmark = pytest.mark.django_db

NOW = timezone.now()


class StoreContract:
    @pytest.fixture
    def key(self):
        return new_id()

    @pytest.fixture
    def tomorrow(self):
        return NOW + timedelta(days=1)

    def test_a_key_is_new_only_once(self, store, key, tomorrow):
        assert store.revoke([key], until=tomorrow) == 1
        assert store.revoke([key], until=tomorrow) == 0

    def test_several_keys_are_counted_by_those_that_are_new(self, store, key, tomorrow):
        store.revoke([key], until=tomorrow)

        assert store.revoke([key, new_id(), new_id()], until=tomorrow) == 2

    def test_no_keys_are_no_work(self, store, tomorrow):
        assert store.revoke([], until=tomorrow) == 0

    def test_only_revoked_keys_are_reported(self, store, key, tomorrow):
        store.revoke([key], until=tomorrow)

        assert store.revoked([key, new_id()]) == {key}

    def test_a_purge_forgets_what_expired(self, store, key, tomorrow):
        store.revoke([key], until=tomorrow)

        assert store.purge(before=tomorrow + timedelta(seconds=1), limit=10).removed == 1
        assert store.revoked([key]) == frozenset()

    def test_a_purge_keeps_what_lives(self, store, key, tomorrow):
        store.revoke([key], until=tomorrow)

        assert store.purge(before=tomorrow - timedelta(seconds=1), limit=10).removed == 0
        assert store.revoked([key]) == {key}

    def test_revoking_for_less_time_shortens_nothing(self, store, key, tomorrow):
        store.revoke([key], until=tomorrow)
        store.revoke([key], until=NOW)

        assert store.purge(before=tomorrow - timedelta(seconds=1), limit=10).removed == 0

    def test_revoking_for_more_time_lengthens(self, store, key, tomorrow):
        store.revoke([key], until=NOW)
        store.revoke([key], until=tomorrow)

        assert store.purge(before=tomorrow - timedelta(seconds=1), limit=10).removed == 0

    def test_a_purge_takes_no_more_than_it_was_allowed(self, store, tomorrow):
        store.revoke([new_id() for _ in range(5)], until=NOW)

        assert store.purge(before=tomorrow, limit=2).removed == 2

    def test_the_facts_of_a_good_token(self, store, alice):
        facts = store.facts(claims_of(alice))

        assert facts.user == alice
        assert facts.fingerprint is not None
        assert facts.is_revoked is False

    @pytest.mark.parametrize("position", [0, 1], ids=["jti", "sid"])
    def test_either_key_revokes(self, store, alice, tomorrow, position):
        claims = claims_of(alice)
        store.revoke([claims.keys[position]], until=tomorrow)

        assert store.facts(claims).is_revoked is True

    def test_another_users_session_is_no_session(self, store, alice, make_user):
        claims, other = claims_of(alice), claims_of(make_user("bob"))
        mixed = type(claims)(
            sub=claims.sub, jti=claims.jti, sid=other.sid, exp=claims.exp, verified={}
        )

        assert store.facts(mixed).fingerprint is None


class TestDatabaseStore(StoreContract):
    @pytest.fixture
    def store(self):
        return DatabaseStore()

    def test_the_facts_cost_one_statement(self, store, alice, django_assert_num_queries):
        claims = claims_of(alice)

        with django_assert_num_queries(1):
            store.facts(claims)

    def test_the_user_is_the_object_the_orm_would_give(self, store, alice):
        by_orm = type(alice).objects.get(pk=alice.pk)

        assert vars_of(store.facts(claims_of(alice)).user) == vars_of(by_orm)


class TestBlacklist:
    def test_revoking_a_token_leaves_the_rest_of_its_session(self, alice):
        pair = sessions.open_session(alice)
        other = sessions.rotate(refresh_claims(pair))

        blacklist.revoke_token(read_access(pair.access_token))

        with pytest.raises(TokenRevoked):
            judge(pair.access_token)
        assert judge(other.access_token).user == alice

    @pytest.mark.parametrize("leeway", [0, 60])
    def test_no_purge_around_expiry_brings_a_token_back(self, alice, settings, leeway):
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": leeway}
        claims = claims_of(alice)
        blacklist.revoke_token(claims)
        last_good_moment = claims.expires_at + conf().leeway

        removed = list(blacklist.purge(now=last_good_moment + timedelta(seconds=299)))

        assert removed == []
        assert blacklist.is_revoked(claims.keys)

    def test_after_the_margin_the_row_goes(self, alice):
        claims = claims_of(alice)
        blacklist.revoke_token(claims)

        list(blacklist.purge(now=claims.expires_at + timedelta(seconds=301)))

        assert not RevokedToken.objects.exists()


def claims_of(user):
    return read_access(sessions.open_session(user).access_token)


def refresh_claims(pair):
    return read_refresh(pair.refresh_token)


def vars_of(user):
    return {name: value for name, value in vars(user).items() if name != "_state"}
