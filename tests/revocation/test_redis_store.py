"""The Redis store answers from Redis what it can know, and from the database all else."""

from contextlib import closing, suppress
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from revocation import blacklist, guard, journal, sessions
from revocation.claims import new_id
from revocation.errors import RevocationUnavailable
from revocation.models import Deployment, RevokedToken
from revocation.stores import redis as redis_module
from revocation.stores.connection import Connection
from revocation.stores.copying import Copier, NotCopied
from revocation.stores.lease import LEASE, Marker
from revocation.tokens import read_access
from tests.client import LOGOUT, PASSWORD
from tests.revocation.on_redis import (
    HOUR,
    LEASE_MS,
    Asked,
    age,
    copied,
    flush,
    marker,
    names,
    renew,
    revoke_behind_its_back,
)
from tests.revocation.test_stores import StoreContract
from tests.revocation.verdicts import judged
from tests.servers import ValkeyServer

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)
CHANGE_PASSWORD = f"""mutation {{
  changePassword(oldPassword: "{PASSWORD}", newPassword: "an entirely different one") {{ token }}
}}"""


@pytest.fixture
def claims(issued):
    return read_access(issued.access_token)


class TestRedisStore(StoreContract):
    @pytest.fixture
    def store(self, redis_store):
        return redis_store


class TestAGlance:
    def test_it_knows_nothing_before_the_first_lease(self, on_redis, valkey, claims, unkept):
        store = on_redis(valkey.url)
        flush(valkey)
        unkept.clear()

        assert store.glance(claims) is None
        assert len(unkept) == 1

    def test_under_a_lease_it_costs_one_round_trip_and_no_statement(
        self, redis_store, valkey, claims, django_assert_num_queries
    ):
        redis_store.glance(claims)

        with django_assert_num_queries(0), Asked(valkey) as asked:
            assert redis_store.glance(claims) is False

        assert asked.count == 1

    @pytest.mark.parametrize("position", [0, 1], ids=["jti", "sid"])
    def test_a_revocation_is_seen_at_once(self, redis_store, claims, position):
        redis_store.revoke([claims.keys[position]], until=claims.expires_at)

        assert redis_store.glance(claims) is True

    def test_a_hit_counts_without_a_lease(self, redis_store, valkey, claims):
        redis_store.revoke(claims.keys, until=claims.expires_at)
        with closing(valkey.client()) as client:
            client.delete(names().marker)

        assert redis_store.glance(claims) is True

    def test_somebody_elses_revocation_is_nobody_elses(self, redis_store, claims):
        redis_store.revoke([new_id()], until=claims.expires_at)

        assert redis_store.glance(claims) is False

    def test_an_ageing_lease_is_good_and_is_renewed(self, redis_store, valkey, claims, unkept):
        age(valkey)
        unkept.clear()

        assert redis_store.glance(claims) is False
        assert len(unkept) == 1

    def test_a_lease_that_began_before_anybody_asked_here_is_not_believed(
        self, redis_store, on_redis, valkey, claims
    ):
        """Until then another store may have been in use, which told the database alone."""
        store = on_redis(valkey.url, GRACE_SECONDS=9)
        store._asking_since = None
        assert store.glance(claims) is None
        age(valkey)

        renew(store)

        assert store.glance(claims) is False

    def test_a_young_lease_is_left_alone(self, redis_store, claims, unkept):
        unkept.clear()
        redis_store.glance(claims)

        assert unkept == []


class TestWhenItIsTold:
    def test_before_the_commit_nothing_is(self, redis_store, valkey, claims):
        with transaction.atomic():
            redis_store.revoke(claims.keys, until=claims.expires_at)

            assert redis_store.glance(claims) is False
            assert not copied(valkey, claims.jti)
        assert redis_store.glance(claims) is True

    def test_on_a_rollback_nothing_is(self, redis_store, valkey, claims):
        with transaction.atomic():
            redis_store.revoke(claims.keys, until=claims.expires_at)
            transaction.set_rollback(True)

        assert not copied(valkey, claims.jti)
        assert redis_store.glance(claims) is False

    def test_a_row_that_is_there_already_is_told_again(self, redis_store, valkey, claims):
        redis_store.revoke(claims.keys, until=claims.expires_at)
        with closing(valkey.client()) as client:
            client.delete(names().of(claims.jti))

        assert redis_store.revoke(claims.keys, until=claims.expires_at) == 0

        assert copied(valkey, claims.jti)

    def test_a_key_lives_as_long_as_its_row(self, redis_store, valkey):
        key, until = new_id(), timezone.now() + HOUR
        redis_store.revoke([key], until=until)

        assert abs(ends_at(valkey, key) - until.timestamp()) < 5

    def test_a_key_that_is_copied_does_too(self, redis_store, valkey):
        key, until = new_id(), timezone.now() + HOUR
        revoke_behind_its_back(key, until=until)
        list(redis_store.rebuild())

        assert abs(ends_at(valkey, key) - until.timestamp()) < 5

    @pytest.mark.parametrize("again", ["tell", "copy"])
    def test_a_life_is_lengthened_and_never_shortened(self, redis_store, valkey, again):
        key, until = new_id(), timezone.now() + HOUR
        redis_store.revoke([key], until=until - HOUR / 2)
        redis_store.revoke([key], until=until)
        long = ends_at(valkey, key)
        RevokedToken.objects.update(expires_at=until - HOUR / 2)
        if again == "copy":
            list(redis_store.rebuild())
        else:
            redis_store.revoke([key], until=until - HOUR / 2)

        assert abs(long - until.timestamp()) < 5
        assert abs(ends_at(valkey, key) - long) < 1

    def test_a_worker_whose_clock_is_ahead_is_heard_all_the_same(self, redis_store, valkey):
        """It takes the moment to which the row is kept for the past."""
        key = new_id()
        redis_store.revoke([key], until=timezone.now() - HOUR)

        assert ends_at(valkey, key) > timezone.now().timestamp() + 30


class TestInsideARequest:
    pytestmark = pytest.mark.urls("tests.graphene_urls")

    def test_what_it_changed_is_asked_of_the_database(self, redis_store, claims):
        with journal.open_journal(on_write=int):
            before = redis_store.glance(claims)
            journal.note_change()

            assert (before, redis_store.glance(claims)) == (False, None)

    @pytest.mark.parametrize("is_atomic", [False, True])
    def test_a_field_after_a_logout_is_refused(
        self, redis_store, graphql, issued, monkeypatch, is_atomic
    ):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", is_atomic)
        client = graphql.bearing(issued.access_token)

        answer = client("mutation { logout { ok } logoutAll { ended } }")

        assert answer.body["data"] == {"logout": {"ok": True}, "logoutAll": None}
        assert answer.reason == "TOKEN_REVOKED"

    def test_a_logout_that_is_rolled_back_and_made_again_is_told(
        self, redis_store, valkey, graphql, issued, claims, monkeypatch
    ):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

        answer = graphql.bearing(issued.access_token)(
            'mutation { logout { ok } revokeSession(id: "x") { ok } }'
        )

        assert answer.body["data"]["logout"] == {"ok": True}
        assert copied(valkey, claims.sid)


class TestInsideATransactionOfTheRequest:
    """What is made again outside it is told again, and only that counts."""

    pytestmark = pytest.mark.urls("tests.revocation.boom_urls")

    @pytest.mark.parametrize(
        "mutation",
        [
            "mutation { logout { ok } }",
            "mutation { logoutAll { ended } }",
            CHANGE_PASSWORD,
        ],
        ids=["logout", "everywhere", "password"],
    )
    def test_it_is_done_when_every_lease_is_over(
        self, on_redis, graphql, issued, monkeypatch, mutation
    ):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        clock = Clock()
        monkeypatch.setattr(redis_module, "time", clock)
        with ValkeyServer() as server, closing(server.client()) as client:
            on_redis(server.url)
            bearer = graphql.bearing(issued.access_token)
            bearer("mutation { checked }")
            client.config_set("maxmemory", "1")

            assert bearer(mutation).data

            assert clock.slept > LEASE.total_seconds()


class TestTheLease:
    """Without it, what Redis lacks is asked of the database, whose answer is the right one."""

    @pytest.fixture
    def text(self, redis_store, issued, claims):
        """A token that was revoked, and Redis does not know: under a lease it would pass."""
        revoke_behind_its_back(claims.jti)
        assert judged(issued.access_token) == "good"
        return issued.access_token

    @pytest.fixture
    def good(self, make_user):
        return sessions.open_session(make_user("bob")).access_token

    @pytest.fixture(autouse=True)
    def _unchanged(self, shared_valkey):
        yield
        with closing(shared_valkey.client()) as client:
            client.config_set("maxmemory-policy", "noeviction")

    def assert_asked(self, text, good):
        assert (judged(text), judged(good)) == ("TOKEN_REVOKED", "good")
        assert guard.current_store().glance(read_access(good)) is None

    def test_missing(self, valkey, text, good):
        with closing(valkey.client()) as client:
            client.delete(names().marker)

        self.assert_asked(text, good)

    def test_flushed(self, valkey, text, good):
        flush(valkey)

        self.assert_asked(text, good)

    def test_run_out(self, valkey, text, good):
        age(valkey, LEASE_MS)

        self.assert_asked(text, good)

    def test_begun_in_the_future_of_a_clock_that_was_set_back(self, valkey, text, good):
        age(valkey, -LEASE_MS)

        self.assert_asked(text, good)

    @pytest.mark.parametrize(
        "garbage",
        [
            "",
            " ",
            "x",
            "a b c",
            "a 1 b",
            "a 1 nan",
            "a 1 1e9",
            "a 1 2 3",
            b"\xff \xff \xff",
            "a 1 -1",
        ],
        ids=repr,
    )
    def test_garbage(self, redis_store, valkey, text, good, garbage):
        with closing(valkey.client()) as client:
            client.set(names().marker, garbage)

        self.assert_asked(text, good)
        renew(redis_store)
        assert redis_store.glance(read_access(text)) is True

    def test_of_another_state(self, valkey, text, good):
        found = marker(valkey)
        with closing(valkey.client()) as client:
            client.set(names().marker, str(Marker("x/0", found.begun, found.copied_at)))

        self.assert_asked(text, good)

    def test_of_another_type(self, valkey, text, good):
        with closing(valkey.client()) as client:
            client.delete(names().marker)
            client.lpush(names().marker, "x")

        self.assert_asked(text, good)

    def test_of_another_deployment(self, on_redis, valkey, text, good):
        """Its marker is there and good, and says nothing of this database."""
        Deployment.objects.update(name=new_id())
        store = on_redis(valkey.url, GRACE_SECONDS=9)
        with closing(valkey.client()) as client:
            client.delete(names().marker)
            assert len(client.keys("*:marker")) == 1

        assert store.glance(read_access(good)) is None
        self.assert_asked(text, good)

    @pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl", "allkeys-random"])
    def test_no_new_one_where_keys_may_be_evicted(self, redis_store, valkey, text, good, policy):
        with closing(valkey.client()) as client:
            client.config_set("maxmemory-policy", policy)
        age(valkey, LEASE_MS)

        with pytest.raises(NotCopied, match=policy) as refusal:
            renew(redis_store)

        assert refusal.value.is_lasting
        self.assert_asked(text, good)


class TestAnotherServer:
    """What may have been lost is not missed."""

    @pytest.mark.parametrize("appendonly", ["yes", "no"])
    def test_a_restart_ends_the_lease(self, on_redis, issued, claims, appendonly):
        with ValkeyServer(appendonly=appendonly, appendfsync="always") as server:
            store = on_redis(server.url)
            revoke_behind_its_back(claims.jti)
            assert judged(issued.access_token) == "good"
            kept = marker(server)

            server.restart()

            # The marker outlived it where data is kept on disk; it names the old process.
            assert marker(server) == (kept if appendonly == "yes" else None)
            assert judged(issued.access_token) == "TOKEN_REVOKED"
            assert store.glance(claims) is None
            renew(store)
            assert store.glance(claims) is True

    def test_evicted_keys_end_the_lease(self, on_redis, issued, claims):
        with ValkeyServer() as server, closing(server.client()) as client:
            store = on_redis(server.url)
            store.revoke(claims.keys, until=claims.expires_at)
            evict(client, but=[names().marker])
            client.delete(*map(names().of, claims.keys))

            assert store.glance(claims) is None
            assert judged(issued.access_token) == "TOKEN_REVOKED"
            client.config_set("maxmemory-policy", "noeviction")
            renew(store)
            assert store.glance(claims) is True

    def test_who_may_not_ask_for_the_state_gets_no_lease(self, on_redis, issued, claims, caplog):
        with ValkeyServer() as server:
            with closing(server.client()) as client:
                client.acl_setuser(
                    "app", enabled=True, passwords=["+pass"], keys="*", categories=["+@all"]
                )
                store = on_redis(server.url.replace("//", "//app:pass@"))
                revoke_behind_its_back(claims.jti)
                assert judged(issued.access_token) == "good"

                client.acl_setuser("app", commands=["-info"])

            assert judged(issued.access_token) == "TOKEN_REVOKED"
            assert store.glance(claims) is None


class TestAWriteThatIsNotAcknowledged:
    """Nobody is told that it is done while somebody may rely on a copy that lacks it."""

    @pytest.fixture
    def server(self):
        with ValkeyServer() as server:
            yield server

    @pytest.fixture
    def store(self, on_redis, server):
        return on_redis(server.url, REDIS_TIMEOUT=0.05)

    @pytest.fixture
    def clock(self, monkeypatch):
        clock = Clock()
        monkeypatch.setattr(redis_module, "time", clock)
        return clock

    def kill(server):
        server.kill()

    def freeze(server):
        server.freeze()

    def fill(server):
        with closing(server.client()) as client:
            client.config_set("maxmemory", "1")

    @pytest.mark.parametrize("fail", [kill, freeze, fill], ids=lambda fail: fail.__name__)
    def test_it_is_done_when_every_lease_is_over(self, store, server, claims, clock, fail):
        revoke_behind_its_back(claims.jti, revoked_at=timezone.now() - HOUR)
        fail(server)

        blacklist.revoke_token(claims)

        assert clock.slept > LEASE.total_seconds()
        # Whoever renews the lease copies it, however long ago it was written.
        assert RevokedToken.objects.get().revoked_at > timezone.now() - HOUR / 2

    def test_it_is_done_as_soon_as_redis_hears_of_it(self, store, server, claims, clock):
        server.freeze()
        clock.then(2, server.thaw)

        blacklist.revoke_token(claims)

        assert clock.slept < 1
        assert copied(server, claims.jti)

    def test_a_second_one_meanwhile_is_refused_and_may_be_tried_again(
        self, store, server, claims, clock
    ):
        server.kill()
        other, refused = new_id(), []

        def revoke_another():
            try:
                blacklist.revoke_keys([other], until=timezone.now() + HOUR)
            except RevocationUnavailable as error:
                refused.append(error)
            finally:
                connection.close()

        clock.then(1, lambda: in_a_thread(revoke_another))
        blacklist.revoke_token(claims)
        server.start()
        blacklist.revoke_keys([other], until=timezone.now() + HOUR)

        assert len(refused) == 1
        assert copied(server, other)

    @pytest.mark.urls("tests.graphene_urls")
    def test_a_logout_meanwhile_is_told_to_come_again(
        self, store, server, graphql, issued, claims, clock
    ):
        server.kill()
        with store._waiting:
            answer = graphql.bearing(issued.access_token)(LOGOUT)
        server.start()

        [error] = answer.body["errors"]
        assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert answer.body["data"] == {"logout": None}
        # It holds nevertheless, for whoever asks the database.
        assert judged(issued.access_token) == "TOKEN_REVOKED"
        assert graphql.bearing(issued.access_token)(LOGOUT).data == {"logout": {"ok": True}}
        assert copied(server, claims.sid)

    def test_what_nobody_foresaw_is_no_acknowledgement(self, store, claims, monkeypatch, caplog):
        def fail(*_):
            raise RuntimeError("unforeseen")

        monkeypatch.setattr(store._connection, "run", fail)

        with pytest.raises(RevocationUnavailable):
            blacklist.revoke_token(claims)

    def test_a_row_touched_while_redis_was_full_is_copied(self, store, server, claims, clock):
        """It was written long before its commit, and the latest rows alone are copied."""
        fill = type(self).fill
        old = timezone.now() - timedelta(seconds=500)
        revoke_behind_its_back(claims.jti, revoked_at=old)
        age(server)
        renew(store)
        assert not copied(server, claims.jti)
        fill(server)
        store.revoke([claims.jti], until=timezone.now() + SECOND)
        with closing(server.client()) as client:
            client.config_set("maxmemory", "0")

        age(server)
        renew(store)

        assert copied(server, claims.jti)


class TestTwoServers:
    """Of two that are reached at once, after a failover say, the database names one."""

    @pytest.fixture
    def other(self):
        with ValkeyServer() as server:
            yield server

    @pytest.fixture
    def clock(self, monkeypatch):
        clock = Clock()
        monkeypatch.setattr(redis_module, "time", clock)
        return clock

    def test_whoever_tells_the_named_one_has_told_all(self, redis_store, claims, clock):
        blacklist.revoke_token(claims)

        assert clock.slept == 0

    def test_before_any_is_named_there_is_no_lease_to_wait_for(
        self, redis_store, valkey, claims, clock
    ):
        Deployment.objects.update(node="", node_since=None)

        blacklist.revoke_token(claims)

        assert clock.slept == 0
        assert copied(valkey, claims.jti)

    def test_whoever_tells_another_waits(self, redis_store, on_redis, other, valkey, claims, clock):
        """A worker that still, or already, reaches another than the one with the lease."""
        mine = names_of_node()
        lost = on_redis(other.url, GRACE_SECONDS=9)
        Deployment.objects.update(node=mine)

        lost.revoke(claims.keys, until=claims.expires_at)

        assert clock.slept > LEASE.total_seconds()
        age(valkey)
        renew(redis_store)
        assert redis_store.glance(claims) is True

    def test_whoever_tells_one_that_was_named_just_now_waits(self, redis_store, claims, clock):
        """The one before may still have a lease."""
        Deployment.objects.update(node_since=Now())

        blacklist.revoke_token(claims)

        assert clock.slept > LEASE.total_seconds()

    def test_another_is_named_when_the_one_before_was_for_a_while(
        self, redis_store, other, on_redis
    ):
        mine = names_of_node()

        on_redis(other.url, GRACE_SECONDS=9)

        assert names_of_node() != mine

    def test_two_are_not_named_in_turn(self, redis_store, other, on_redis):
        Deployment.objects.update(node_since=Now())
        mine, lost = names_of_node(), Connection(other.url, timeout=HOUR)

        with pytest.raises(NotCopied, match="Another Redis"):
            list(Copier(lost).renew())

        assert names_of_node() == mine
        with closing(other.client()) as client:
            assert client.keys() == []

    def test_one_that_is_named_again_copies_what_the_other_was_told(
        self, redis_store, valkey, other, on_redis
    ):
        """Its marker is still there, and says nothing of the time in between."""
        late = new_id()
        on_redis(other.url, GRACE_SECONDS=9)
        revoke_behind_its_back(late, revoked_at=timezone.now() - HOUR)
        # One is named for some seconds before another can be.
        age(valkey, seconds_before=5)

        renew(redis_store)

        assert copied(valkey, late)


class TestStandby:
    """It tells Redis what it revokes, and asks the database."""

    @pytest.fixture
    def store(self, on_redis, valkey):
        return on_redis(valkey.url, STORE="standby")

    def test_it_tells(self, store, valkey, claims):
        store.revoke(claims.keys, until=claims.expires_at)

        assert copied(valkey, claims.jti)

    def test_it_does_not_ask(self, store, valkey, issued, claims, django_assert_num_queries):
        revoke_behind_its_back(claims.jti)

        with Asked(valkey) as asked:
            assert store.glance(claims) is None
            assert judged(issued.access_token) == "TOKEN_REVOKED"

        assert asked.count == 0


class TestTheBreaker:
    """A dead Redis slows one caller a second."""

    @pytest.fixture
    def store(self, on_redis, valkey, monkeypatch):
        store = on_redis(valkey.url)
        self.tried = 0

        def fail(*_):
            self.tried += 1
            raise ConnectionError

        monkeypatch.setattr(store._connection, "_evaluate", fail)
        return store

    @pytest.fixture
    def clock(self, monkeypatch):
        clock = Clock()
        monkeypatch.setattr("revocation.stores.connection.time", clock)
        return clock

    def test_the_others_ask_the_database_at_once(self, store, claims, clock):
        assert [store.glance(claims) for _ in range(100)] == [None] * 100
        assert self.tried == 1

    def test_one_caller_a_second_tries_it(self, store, claims, clock):
        for _ in range(10):
            store.glance(claims)
            store.glance(claims)
            clock.sleep(0.5)

        assert self.tried == 5

    def test_while_one_tries_the_others_do_not(self, store, claims, clock, monkeypatch):
        store.glance(claims)
        clock.sleep(1.5)

        def hang(*_):
            self.tried += 1
            if self.tried < 9:
                store.glance(claims)
            raise ConnectionError

        monkeypatch.setattr(store._connection, "_evaluate", hang)
        store.glance(claims)

        assert self.tried == 2

    def test_it_is_asked_again_once_it_answers(self, store, claims, clock, monkeypatch):
        store.glance(claims)
        monkeypatch.undo()

        assert store.revoke([new_id()], until=claims.expires_at) == 1

        assert store.glance(claims) is False

    def test_its_failure_is_said_once(self, store, claims, clock, caplog):
        for _ in range(5):
            store.glance(claims)
            clock.sleep(2)

        assert [record.levelname for record in caplog.records] == ["WARNING"]


class TestSecrets:
    def test_no_key_and_no_password_is_logged(self, on_redis, issued, claims, caplog):
        with ValkeyServer(requirepass="do-not-print-me") as server:
            store = on_redis(server.url.replace("//", "//:do-not-print-me@"), REDIS_TIMEOUT=0.05)
            with store._waiting:
                for fail in (server.kill, server.start, server.freeze):
                    fail()
                    judged(issued.access_token)
                    with suppress(RevocationUnavailable):
                        blacklist.revoke_token(claims)
            server.thaw()

        # The audit log is there to tell of keys.
        said = [line for name, _, line in caplog.record_tuples if name != "revocation.audit"]
        assert "Redis did not answer" in "\n".join(said)
        for secret in ("do-not-print-me", claims.jti, claims.sid, str(server.port), names().marker):
            assert secret not in "\n".join(said)


def names_of_node():
    """Return what the database calls the server that may grant leases."""
    return Deployment.objects.get().node


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self):
        self.slept = 0.0
        self._naps = 0
        self._then = {}

    def monotonic(self):
        return 1000 + self.slept

    def sleep(self, seconds):
        self.slept += seconds
        self._naps += 1
        self._then.pop(self._naps, int)()

    def then(self, nap, act):
        """Have something happen while somebody sleeps for the n-th time."""
        self._then[nap] = act


def in_a_thread(act):
    thread = Thread(target=act)
    thread.start()
    thread.join()


def ends_at(server, key):
    """Return when Redis forgets a key, in epoch seconds by the server's clock."""
    with closing(server.client()) as client:
        seconds, _ = client.time()
        return seconds + client.pttl(names().of(key)) / 1000


def evict(client, *, but):
    """Fill a server until it evicts something other than these keys."""
    client.config_set("maxmemory-policy", "volatile-lru")
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 200_000)
    for name in but:
        client.persist(name)
    while not client.info("stats")["evicted_keys"]:
        client.set(new_id(), "x" * 10_000, ex=1000)
    client.config_set("maxmemory", 0)
