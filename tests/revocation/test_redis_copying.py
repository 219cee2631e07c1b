"""A lease is had only after everything was copied, whoever copies and whatever happens."""

from contextlib import closing, suppress
from datetime import timedelta
from itertools import count, islice

import pytest
from django.db import connection, transaction
from django.utils import timezone

from revocation import sessions
from revocation.claims import new_id
from revocation.models import Deployment, RevokedToken
from revocation.stores import NotRebuilt, copying, lease, scripts
from revocation.stores import redis as redis_module
from revocation.stores.connection import Unreachable
from revocation.stores.copying import NotCopied
from revocation.stores.lease import LEASE, Marker, Names
from revocation.tokens import read_access
from tests.revocation.on_redis import (
    HOUR,
    age,
    copied,
    copier_of,
    flush,
    marker,
    names,
    renew,
    revoke_behind_its_back,
)
from tests.revocation.verdicts import judged

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keys():
    """Keys of rows of which nobody told Redis."""
    return sorted(new_id() for _ in range(5))


@pytest.fixture
def one_at_once(monkeypatch):
    monkeypatch.setattr(copying, "_KEYS_AT_ONCE", 1)


class TestWhatIsCopied:
    def test_all_that_lives_where_there_is_no_lease(self, redis_store, valkey, keys):
        revoke_behind_its_back(*keys, revoked_at=timezone.now() - HOUR)
        flush(valkey)

        assert sum(renew(redis_store)) == 5

        assert all(copied(valkey, key) for key in keys)

    def test_the_latest_rows_alone_under_a_lease_that_ages(self, redis_store, valkey, keys):
        revoke_behind_its_back(*keys[:4], revoked_at=timezone.now() - HOUR)
        revoke_behind_its_back(keys[4])
        age(valkey)

        assert sum(renew(redis_store)) == 1

        assert [copied(valkey, key) for key in keys] == [False] * 4 + [True]

    def test_the_latest_rows_alone_after_a_quiet_spell(self, redis_store, valkey, keys):
        """The lease has lapsed; the marker says until when everything is there."""
        revoke_behind_its_back(*keys[:4], revoked_at=timezone.now() - HOUR)
        revoke_behind_its_back(keys[4])
        age(valkey, 239_000)

        assert sum(renew(redis_store)) == 1

    def test_what_was_committed_up_to_a_minute_late(self, redis_store, valkey, keys):
        revoke_behind_its_back(keys[0], revoked_at=timezone.now() - timedelta(seconds=55))
        age(valkey)
        renew(redis_store)

        assert copied(valkey, keys[0])

    def test_nothing_that_has_expired(self, redis_store, valkey, keys):
        revoke_behind_its_back(*keys, until=timezone.now() - timedelta(seconds=1))
        flush(valkey)

        assert sum(renew(redis_store)) == 0

    @pytest.mark.parametrize("is_full", [True, False])
    def test_thousands_of_rows_in_batches(self, redis_store, valkey, is_full):
        keys = [new_id() for _ in range(5000)]
        revoke_behind_its_back(*keys, revoked_at=timezone.now())
        flush(valkey) if is_full else age(valkey)

        sizes = [size for size in renew(redis_store) if size]

        assert sizes == [1000] * 5
        assert all_copied(valkey, keys)

    @pytest.mark.parametrize("fraction", ["000", "500", "123"])
    def test_rows_of_one_millisecond_and_each_once(
        self, redis_store, valkey, keys, one_at_once, fraction
    ):
        """SQLite writes milliseconds, and compares them as texts with our microseconds."""
        revoke_behind_its_back(*keys)
        moment = timezone.now().strftime("%Y-%m-%d %H:%M:%S.") + fraction
        with connection.cursor() as cursor:
            cursor.execute("UPDATE revocation_revokedtoken SET revoked_at = %s", [moment])
        age(valkey)

        sizes = list(islice(copier_of(redis_store).renew(), 10))

        assert sizes == [1] * 5
        assert all_copied(valkey, keys)

    def test_what_was_written_during_a_full_copy_at_keys_it_has_passed(
        self, redis_store, valkey, keys, one_at_once
    ):
        revoke_behind_its_back(*keys[1:], revoked_at=timezone.now() - HOUR)
        flush(valkey)
        turn = copier_of(redis_store).renew()
        next(turn)

        revoke_behind_its_back(keys[0])
        list(turn)

        assert copied(valkey, keys[0])

    def test_all_again_when_the_databases_clock_was_set_back(self, redis_store, valkey, keys):
        revoke_behind_its_back(*keys, revoked_at=timezone.now() - HOUR)
        found = marker(valkey)
        with closing(valkey.client()) as client:
            later = Marker(found.state, found.begun - 60_000, found.copied_at + 1000)
            client.set(names().marker, str(later))

        assert sum(renew(redis_store)) == 5

    def test_a_rebuild_copies_all_although_there_is_a_lease(self, redis_store, valkey, keys):
        revoke_behind_its_back(*keys, revoked_at=timezone.now() - HOUR)

        assert sum(redis_store.rebuild()) == 5

        assert all_copied(valkey, keys)


class TestTheMarker:
    def test_it_vanishes_before_a_leap_of_the_clock_can_take_a_living_key(
        self, on_redis, valkey, settings
    ):
        """Keys outlive their tokens by the margin: leaps that are shorter take no living one."""
        for margin, expected in ((3600, 240), (300, 240), (100, 80), (0, LEASE.total_seconds())):
            flush(valkey)
            on_redis(valkey.url, RETENTION_MARGIN=margin)
            with closing(valkey.client()) as client:
                left = client.pttl(names().marker)

            assert 0 < left <= expected * 1000

    def test_it_is_dated_from_before_the_copying(self, redis_store, valkey, keys):
        revoke_behind_its_back(*keys)
        age(valkey)
        turn = copier_of(redis_store).renew()
        next(turn)
        with closing(valkey.client()) as client:
            seconds, microseconds = client.time()
        list(turn)

        assert marker(valkey).begun <= seconds * 1000 + microseconds // 1000

    @pytest.mark.parametrize(
        ("after", "is_good"), [(0, True), (2000, True), (2001, False), (-1, False)]
    )
    def test_its_lease_lasts_so_long(self, after, is_good):
        found = Marker("run/0", 1_000_000, 1_000)

        assert found.has_lease(state=b"run/0", now=1_000_000 + after, since=0) is is_good

    @pytest.mark.parametrize(("since", "is_good"), [(1_000_000, True), (1_000_001, False)])
    def test_its_lease_is_not_believed_by_whoever_came_later(self, since, is_good):
        """Until then, others may have told the database alone."""
        found = Marker("run/0", 1_000_000, 1_000)

        assert found.has_lease(state=b"run/0", now=1_000_100, since=since) is is_good

    @pytest.mark.parametrize("state", [b"other/0", b"run/1", b"", b"run/0 "])
    def test_it_is_good_for_one_state(self, state):
        assert not Marker("run/0", 1_000_000, 1_000).has_lease(state=state, now=1_000_000, since=0)

    def test_a_waiting_writer_outlasts_it(self):
        assert redis_module._WAIT > LEASE.total_seconds() == lease._LEASE_MS / 1000

    def test_it_is_read_as_it_was_written(self):
        found = Marker("run/0", 1_000_000, 1_000)

        assert Marker.read(str(found).encode()) == found

    def test_the_keys_of_a_deployment_lie_on_one_node_of_a_cluster(self):
        found = Names("abc", "def")

        assert {
            name.partition("{")[2].partition("}")[0]
            for name in (found.marker, found.copier, found.of("x"))
        } == {"abcdef"}


@pytest.mark.usefixtures("one_at_once")
class TestAFlush:
    """Whatever was copied is gone, and nobody may take it for there."""

    @pytest.fixture
    def texts(self, redis_store, make_user):
        """Tokens that were revoked, and Redis does not know."""
        user = make_user("bob")
        texts = [sessions.open_session(user).access_token for _ in range(3)]
        revoke_behind_its_back(
            *(read_access(text).jti for text in texts), revoked_at=timezone.now() - HOUR
        )
        return texts

    @pytest.mark.parametrize("is_forced", [False, True])
    def test_at_any_time_while_everything_is_copied(self, redis_store, valkey, texts, is_forced):
        for step in count(1):
            flush(valkey)
            turn = copier_of(redis_store).renew(is_forced=is_forced)
            if not advance(turn, step):
                break
            flush(valkey)

            with pytest.raises(NotCopied):
                list(turn)
            assert marker(valkey) is None
            assert [judged(text) for text in texts] == ["TOKEN_REVOKED"] * 3

        # Three rows; no more of them are copied a second time.
        assert step == 4
        assert [redis_store.glance(read_access(text)) for text in texts] == [True] * 3

    def test_between_the_last_row_and_the_lease(self, redis_store, valkey, texts, monkeypatch):
        flush(valkey)
        before_script(redis_store, monkeypatch, scripts.FINISH, lambda: flush(valkey))

        with pytest.raises(NotCopied):
            renew(redis_store)

        assert marker(valkey) is None

    def test_between_the_full_copy_and_its_second_pass(
        self, redis_store, valkey, texts, monkeypatch
    ):
        flush(valkey)
        begins = count(1)
        before_script(
            redis_store,
            monkeypatch,
            scripts.BEGIN,
            lambda: flush(valkey) if next(begins) == 2 else None,
        )

        with pytest.raises(NotCopied):
            renew(redis_store)

        assert marker(valkey) is None

    def test_while_the_latest_rows_are_copied(self, redis_store, valkey, texts):
        revoke_behind_its_back(new_id(), new_id())
        age(valkey)
        turn = copier_of(redis_store).renew()
        next(turn)
        flush(valkey)

        with pytest.raises(NotCopied):
            list(turn)
        assert marker(valkey) is None

    def test_then_all_is_copied_anew(self, redis_store, valkey, texts):
        flush(valkey)
        assert redis_store.glance(read_access(texts[0])) is None

        renew(redis_store)

        assert redis_store.glance(read_access(texts[0])) is True

    def test_before_what_an_earlier_attempt_had_under_way_arrives(
        self, redis_store, valkey, texts, monkeypatch
    ):
        """Its last word was on its way when its connection was given up."""
        flush(valkey)
        late = delayed(redis_store, monkeypatch, scripts.FINISH)
        copier = copier_of(redis_store)
        with pytest.raises(Unreachable):
            list(copier.renew())
        monkeypatch.undo()
        flush(valkey)
        turn = copier.renew()
        next(turn)

        redis_store._connection.run(*late)

        assert marker(valkey) is None
        list(turn)
        assert [redis_store.glance(read_access(text)) for text in texts] == [True] * 3


@pytest.mark.usefixtures("one_at_once")
class TestSeveralCopiers:
    @pytest.fixture
    def turn(self, redis_store, valkey, keys):
        """A copier that has begun, and has one of five rows behind it."""
        revoke_behind_its_back(*keys, revoked_at=timezone.now() - HOUR)
        flush(valkey)
        turn = copier_of(redis_store).renew()
        next(turn)
        return turn

    def test_one_at_a_time(self, redis_store, turn):
        with pytest.raises(NotCopied):
            renew(redis_store)

        assert sum(turn) == 4

    def test_nobody_copies_right_after_another(self, redis_store):
        with pytest.raises(NotCopied):
            renew(redis_store)

    def test_one_that_died_is_waited_for_a_few_seconds(self, turn, valkey):
        with closing(valkey.client()) as client:
            assert 0 < client.pttl(names().copier) <= 5000

    def test_each_batch_is_a_sign_of_life(self, turn, valkey):
        with closing(valkey.client()) as client:
            client.pexpire(names().copier, 60_000)
            next(turn)

            assert client.pttl(names().copier) <= 5000

    def test_another_takes_over_from_one_that_died(self, redis_store, turn, valkey, keys):
        with closing(valkey.client()) as client:
            client.delete(names().copier)

        renew(redis_store)

        assert marker(valkey) is not None
        assert all_copied(valkey, keys)

    def test_one_that_wakes_up_too_late_gives_no_lease(self, redis_store, turn, valkey):
        with closing(valkey.client()) as client:
            client.delete(names().copier)
        other = copier_of(redis_store).renew()
        next(other)
        with pytest.raises(NotCopied):
            list(turn)
        assert marker(valkey) is None

        assert sum(other) == 4
        assert marker(valkey) is not None

    def test_one_that_wakes_up_after_it_was_forgotten_stops(self, turn, valkey, keys):
        with closing(valkey.client()) as client:
            client.delete(names().copier)

        with pytest.raises(NotCopied):
            list(turn)
        assert [copied(valkey, key) for key in keys] == [True] + [False] * 4
        assert marker(valkey) is None

    def test_a_forced_one_goes_before(self, redis_store, turn, valkey, keys):
        assert sum(redis_store.rebuild()) == 5
        mine = marker(valkey)

        with pytest.raises(NotCopied):
            list(turn)

        assert marker(valkey) == mine
        assert all_copied(valkey, keys)

    def test_a_forced_one_is_not_disturbed(self, redis_store, valkey, keys, turn):
        forced = redis_store.rebuild()
        next(forced)

        with pytest.raises(NotCopied):
            list(turn)
        with pytest.raises(NotCopied):
            renew(redis_store)

        assert sum(forced) == 4

    def test_one_that_fails_lets_the_next_begin(self, redis_store, valkey, turn):
        turn.close()

        renew(redis_store)

        assert marker(valkey) is not None

    def test_one_whose_first_word_is_sent_twice_may_go_on(self, redis_store, valkey, monkeypatch):
        """A client sends again what a broken connection may have swallowed."""
        flush(valkey)
        run = redis_store._connection.run

        def run_twice(script, *arguments):
            run(script, *arguments)
            return run(script, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(redis_store._connection, "run", run_twice)
            with suppress(NotCopied):
                renew(redis_store)

        assert marker(valkey) is not None


class TestThePlace:
    def test_nobody_copies_inside_a_transaction(self, redis_store):
        with transaction.atomic(), pytest.raises(NotRebuilt, match="transaction"):
            list(redis_store.rebuild())

    def test_another_database_is_another_deployment(self, redis_store, valkey, keys):
        """It was restored from elsewhere, say, below the workers' feet."""
        old = names()
        revoke_behind_its_back(*keys)
        Deployment.objects.update(name=new_id())

        with pytest.raises(NotRebuilt, match="another name"):
            list(redis_store.rebuild())
        list(redis_store.rebuild())

        assert names() != old
        assert all_copied(valkey, keys)

    def test_two_deployments_share_a_server(self, redis_store, on_redis, valkey, issued):
        claims = read_access(issued.access_token)
        redis_store.revoke(claims.keys, until=claims.expires_at)
        # As the other database has it: another name, and none of our rows.
        Deployment.objects.update(name=new_id())
        RevokedToken.objects.all().delete()

        other = on_redis(valkey.url, GRACE_SECONDS=9)

        assert (redis_store.glance(claims), other.glance(claims)) == (True, False)

    def test_a_database_has_one_name(self, redis_store):
        before = names()

        assert copier_of(redis_store).learn_names() == before

    def test_keys_evicted_while_everything_is_copied(self, redis_store, valkey, keys, monkeypatch):
        """Before its second pass, and so perhaps some of those that were copied."""
        revoke_behind_its_back(*keys, revoked_at=timezone.now() - HOUR)
        flush(valkey)
        run, begins = redis_store._connection.run, count(1)

        def run_as_if_fewer(script, *arguments):
            answer = run(script, *arguments)
            if script == scripts.BEGIN and next(begins) == 1:
                text, state, *rest = answer
                return [text, state.replace(b"/0", b"/99"), *rest]
            return answer

        monkeypatch.setattr(redis_store._connection, "run", run_as_if_fewer)

        with pytest.raises(NotCopied, match="evicted"):
            renew(redis_store)
        assert marker(valkey) is None


def advance(turn, steps):
    """Let a copier copy so many batches of rows; return whether it has not finished before."""
    return all(next(turn, None) is not None for _ in range(steps))


def before_script(store, monkeypatch, script, act):
    """Have something happen right before a script runs."""
    run = store._connection.run

    def act_and_run(wanted, *arguments):
        if wanted == script:
            act()
        return run(wanted, *arguments)

    monkeypatch.setattr(store._connection, "run", act_and_run)


def delayed(store, monkeypatch, script):
    """Hold what is sent of a script, and all that follows; return it, once it was sent."""
    run, held = store._connection.run, []

    def hold(wanted, *arguments):
        if wanted == script:
            held.extend([wanted, *arguments])
        if held:
            raise Unreachable
        return run(wanted, *arguments)

    monkeypatch.setattr(store._connection, "run", hold)
    return held


def all_copied(server, keys):
    with closing(server.client()) as client:
        return client.exists(*map(names().of, keys)) == len(keys)
