"""Wrong passwords are counted for account and address, and for the address far above that."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory

from revocation import attempts, purging
from revocation.claims import new_id
from revocation.errors import InvalidCredentials, TooManyAttempts
from revocation.models import FailedAttempt
from tests.revocation.counted import counted
from tests.revocation.plans import Plan

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WINDOW = timedelta(minutes=15)
HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture(autouse=True)
def _begin_at_the_front(monkeypatch):
    """A process remembers how far it has forgotten; each test begins with a table of its own."""
    monkeypatch.setattr(attempts, "_walk", purging.Walk())


def request_from(address):
    return RequestFactory().post("/graphql", REMOTE_ADDR=address)


def sign_in(name="alice", *, right, address=HERE, now=NOW):
    """Compare a password; raises what the client would be told."""
    with attempts.signing_in(name, request=request_from(address), now=now):
        if not right:
            raise InvalidCredentials


def change_password(sid, *, right, address=HERE, now=NOW):
    with attempts.changing_password(sid, request=request_from(address), now=now):
        if not right:
            raise InvalidCredentials


def fail(act=sign_in, *arguments, times=1, **options):
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            act(*arguments, right=False, **options)


def refused(act=sign_in, *arguments, **options):
    """Return after how many seconds a right password would be looked at again."""
    with pytest.raises(TooManyAttempts) as refusal:
        act(*arguments, right=True, **options)
    return refusal.value.retry_after


class TestAccountFromOneAddress:
    def test_ten_wrong_ones_are_looked_at_and_then_none(self):
        fail(times=10)

        with (
            pytest.raises(TooManyAttempts),
            attempts.signing_in("alice", request=request_from(HERE), now=NOW),
        ):
            pytest.fail("A password was looked at.")

    def test_nine_wrong_ones_are_nothing_to_a_right_one(self):
        fail(times=9)

        sign_in(right=True)

    def test_elsewhere_the_account_is_open(self):
        fail(times=10)

        sign_in(right=True, address=THERE)

    def test_here_other_accounts_are_open(self):
        fail(times=10)

        sign_in("bob", right=True)

    def test_a_right_one_forgives(self):
        for _ in range(3):
            fail(times=9)
            sign_in(right=True)

    def test_a_right_one_forgives_no_other_account(self):
        fail(times=10)
        sign_in("bob", right=True)

        assert refused()


class TestWindow:
    def test_it_ends_a_quarter_of_an_hour_after_the_attempts(self):
        fail(times=10)

        assert refused() == 900
        assert refused(now=NOW + WINDOW - SECOND) == 1
        sign_in(right=True, now=NOW + WINDOW)

    def test_part_of_a_second_is_a_second(self):
        fail(times=10)

        assert refused(now=NOW + WINDOW - SECOND / 1000) == 1
        assert refused(now=NOW + SECOND / 1000) == 900

    def test_knocking_does_not_prolong_it(self):
        fail(times=10)
        for minute in range(15):
            with pytest.raises(TooManyAttempts):
                sign_in(right=False, now=NOW + timedelta(minutes=minute))

        sign_in(right=True, now=NOW + WINDOW)

    def test_it_slides(self):
        for second in range(10):
            fail(now=NOW + second * SECOND)

        assert refused(now=NOW + 10 * SECOND) == 890
        fail(now=NOW + WINDOW)
        assert refused(now=NOW + WINDOW) == 1
        fail(now=NOW + WINDOW + SECOND)

    def test_after_the_limit_was_lowered_the_wait_is_still_right(self, settings):
        for second in range(5):
            fail(now=NOW + second * SECOND)
        settings.REVOCATION = {"ATTEMPTS_PER_ACCOUNT_AND_ADDRESS": 2}

        wait = refused(now=NOW + 10 * SECOND)

        assert wait == 893
        sign_in(right=True, now=NOW + (10 + wait) * SECOND)


class TestAddress:
    def test_three_hundred_wrong_ones_close_it(self):
        for number in range(300):
            fail(sign_in, f"user{number}")

        assert refused(sign_in, "somebody else") == 900
        sign_in(right=True, address=THERE)

    def test_what_is_forgiven_goes_on_weighing_on_it(self, settings):
        settings.REVOCATION = {"ATTEMPTS_PER_ADDRESS": 5}
        fail(times=4)
        sign_in(right=True)
        fail()

        assert refused(sign_in, "bob")

    def test_the_longer_wait_is_told(self, settings):
        settings.REVOCATION = {"ATTEMPTS_PER_ADDRESS": 5, "ATTEMPTS_PER_ACCOUNT_AND_ADDRESS": 2}
        for second in range(3):
            fail(sign_in, f"user{second}", now=NOW + second * SECOND)
        fail(times=2, now=NOW + 60 * SECOND)

        assert refused(now=NOW + 60 * SECOND) == 900
        assert refused(sign_in, "bob", now=NOW + 60 * SECOND) == 840

    @pytest.mark.parametrize(
        ("one", "same"),
        [
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("fe80::1%eth0", "fe80::2%eth1"),
            ("192.0.2.1", "192.0.2.1:5060"),
            ("2001:db8:0:1::1", "[2001:db8:0:1::2]:5060"),
            ("", "unix:"),
            ("garbage", "192.0.2.256"),
        ],
    )
    def test_one_client_has_one(self, one, same):
        fail(times=10, address=one)

        assert refused(address=same)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("192.0.2.1", "192.0.2.2"),
            ("2001:db8:0:1::1", "2001:db8:0:2::1"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
            ("", "192.0.2.1"),
        ],
    )
    def test_two_clients_have_two(self, one, other):
        fail(times=10, address=one)

        sign_in(right=True, address=other)

    @pytest.mark.parametrize("request_", [None, object()], ids=["none", "no META"])
    def test_a_call_without_request_is_counted_as_from_one(self, request_):
        for _ in range(10):
            with suppress(InvalidCredentials), attempts.signing_in("alice", request=request_):
                raise InvalidCredentials

        with pytest.raises(TooManyAttempts), attempts.signing_in("alice", request=request_):
            pass


class TestPasswordChange:
    def test_a_session_has_ten_from_wherever(self):
        sid = new_id()
        for number in range(10):
            fail(change_password, sid, address=f"192.0.2.{number}")

        assert refused(change_password, sid, address=THERE)

    def test_other_sessions_and_the_sign_in_are_open(self):
        fail(change_password, new_id(), times=10)

        change_password(new_id(), right=True)
        sign_in(right=True)

    def test_it_is_open_when_the_sign_in_is_not(self):
        fail(times=10)

        change_password(new_id(), right=True)

    def test_an_address_has_a_limit_of_its_own_there(self, settings):
        settings.REVOCATION = {"ATTEMPTS_PER_ADDRESS": 5}
        for _ in range(5):
            fail(change_password, new_id())

        assert refused(change_password, new_id())
        sign_in(right=True)


class TestSettings:
    def test_without_the_one_limit_the_other_holds(self, settings):
        settings.REVOCATION = {"ATTEMPTS_PER_ACCOUNT_AND_ADDRESS": None, "ATTEMPTS_PER_ADDRESS": 12}
        fail(times=12)

        assert refused(sign_in, "bob")

    def test_without_the_other_the_one_holds(self, settings):
        settings.REVOCATION = {"ATTEMPTS_PER_ADDRESS": None}
        fail(times=10)

        assert refused()
        assert counted() == 10

    def test_without_both_nothing_is_asked_or_written(self, settings, django_assert_num_queries):
        settings.REVOCATION = {
            "ATTEMPTS_PER_ACCOUNT_AND_ADDRESS": None,
            "ATTEMPTS_PER_ADDRESS": None,
        }
        with django_assert_num_queries(0):
            sign_in(right=True)
            with pytest.raises(InvalidCredentials):
                sign_in(right=False)

    def test_the_window_may_be_another(self, settings):
        settings.REVOCATION = {"ATTEMPTS_WINDOW": 60}
        fail(times=10)

        assert refused() == 60


class TestCost:
    def test_a_right_one_costs_two_reads(self, django_assert_num_queries):
        with django_assert_num_queries(2) as statements:
            sign_in(right=True)

        assert all(query["sql"].startswith("SELECT") for query in statements)

    def test_counting_reads_an_index_and_no_row(self, django_assert_num_queries):
        others = [FailedAttempt(counter=new_id(), failed_at=NOW) for _ in range(2000)]
        FailedAttempt.objects.bulk_create(others, batch_size=500)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE revocation_failedattempt")
        with django_assert_num_queries(2) as statements:
            sign_in(right=True)

        plan = Plan(statements.captured_queries[0]["sql"])
        assert plan.reads_only("revocation_attempts"), str(plan)

    def test_right_ones_alone_leave_nothing_behind(self):
        for _ in range(1000):
            sign_in(right=True)

        assert not FailedAttempt.objects.exists()


class TestForgetting:
    def test_a_purge_takes_what_counts_no_more(self):
        fail(times=3)
        fail(now=NOW + SECOND)

        assert list(attempts.purge(batch=4, now=NOW + WINDOW)) == [4, 2]
        assert counted() == 2

    def test_who_goes_on_failing_takes_old_ones_along(self):
        for number in range(20):
            fail(sign_in, f"user{number}")

        for second in range(3):
            fail(sign_in, "bob", now=NOW + WINDOW + second * SECOND)

        assert not FailedAttempt.objects.filter(failed_at=NOW).exists()
        assert counted() == 6

    def test_the_bite_is_bounded_and_needs_no_scan(self, django_assert_num_queries):
        for number in range(30):
            fail(sign_in, f"user{number}")

        there = set(FailedAttempt.objects.values_list("pk", flat=True))

        # To take turns, and to lock what is deleted; MariaDB is asked for one after the other.
        more = {"sqlite": 0, "postgresql": 2, "mysql": 2 + 2 * (20 - 1)}[connection.vendor]
        with django_assert_num_queries(7 + more) as statements:
            fail(now=NOW + WINDOW)

        left = set(FailedAttempt.objects.values_list("pk", flat=True))
        assert len(there - left) == 20
        for query in statements.captured_queries:
            if query["sql"].startswith(("SELECT", "DELETE")):
                assert not Plan(query["sql"]).reads_a_table, query["sql"]


class TestLog:
    def test_it_says_once_where_a_lock_began(self, caplog):
        fail(sign_in, "alice, or is it a password", times=10)
        refused(sign_in, "alice, or is it a password")

        [line] = [one for one in caplog.messages if "locked_out" in one]
        assert line == "event=locked_out door=sign-in counted_for=account address=192.0.2.1"
        assert "alice" not in caplog.text

    @pytest.mark.parametrize(
        ("address", "said"), [("127.0.0.1", True), ("10.0.0.1", True), ("8.8.8.8", False)]
    )
    def test_it_asks_whether_that_is_a_proxy(self, caplog, address, said):
        fail(times=10, address=address)

        assert ("proxy" in caplog.text) is said
