"""Addresses and browsers are forgotten after a set time, while their sessions go on."""

import io
import json
from datetime import timedelta
from itertools import repeat

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from revocation import bites, devices, guard, purging, sessions
from revocation.conf import conf
from revocation.models import Session
from tests.revocation.plans import Plan

pytestmark = pytest.mark.django_db(transaction=True)

KEEP = timedelta(days=7)
BROWSER = {"REMOTE_ADDR": "198.51.100.7", "HTTP_USER_AGENT": "Phone"}


@pytest.fixture(autouse=True)
def _kept_for_a_week(settings):
    settings.REVOCATION = settings.REVOCATION | {"KEEP_DEVICE_FOR": KEEP}


@pytest.fixture(autouse=True)
def _by_nobody_else(monkeypatch):
    """No sign-in takes a bite out of what those before it have noted."""
    monkeypatch.setattr(bites, "_turns", repeat(1))


@pytest.fixture
def sign_in(alice):
    """Sign in with a browser, so long ago."""

    def sign_in(ago=timedelta(0)):
        pair = sessions.open_session(alice, request=RequestFactory(**BROWSER).post("/"))
        row = Session.objects.filter(pk=pair.payload["sid"])
        row.update(device_at=timezone.now() - ago)
        return pair

    return sign_in


def known(pair):
    row = Session.objects.get(pk=pair.payload["sid"])
    return row.ip_address, row.user_agent


def purge(*arguments):
    out = io.StringIO()
    call_command("purge_revoked", *arguments, stdout=out, no_color=True)
    return out.getvalue().strip()


def forget(now=None):
    return sum(purging.sizes(devices.expired(now), limit=100))


class TestNoting:
    @pytest.mark.parametrize(
        ("address", "noted"),
        [
            ("198.51.100.7", "198.51.100.0"),
            ("::ffff:198.51.100.7", "198.51.100.0"),
            ("2001:db8:12:34:56:78:9a:bc", "2001:db8:12::"),
            ("fe80::1%eth0", "fe80::"),
            ("garbage", None),
        ],
    )
    def test_of_an_address_its_network_is_kept(self, alice, address, noted):
        sessions.open_session(alice, request=RequestFactory(REMOTE_ADDR=address).post("/"))

        assert Session.objects.get().ip_address == noted

    def test_of_a_long_name_of_a_browser_the_beginning_is_kept(self, alice):
        agent = "Phone " * 100
        sessions.open_session(alice, request=RequestFactory(HTTP_USER_AGENT=agent).post("/"))

        assert Session.objects.get().user_agent == agent[:200]


class TestForgetting:
    def test_what_is_older_goes_and_the_session_goes_on(self, sign_in):
        new, old = sign_in(KEEP - timedelta(minutes=1)), sign_in(KEEP + timedelta(seconds=1))

        assert forget() == 1

        assert known(old) == (None, "")
        assert known(new) == ("198.51.100.0", "Phone")
        assert guard.judge(old.access_token).user

    def test_it_goes_once(self, sign_in):
        sign_in(2 * KEEP)

        assert (forget(), forget()) == (1, 0)

    def test_a_time_lowered_since_counts_at_once(self, sign_in, settings):
        pair = sign_in(timedelta(days=2))
        settings.REVOCATION = settings.REVOCATION | {"KEEP_DEVICE_FOR": 3600}

        assert forget() == 1
        assert known(pair) == (None, "")

    def test_without_a_time_it_stays(self, sign_in, settings):
        settings.REVOCATION = settings.REVOCATION | {"KEEP_DEVICE_FOR": None}
        pair = sign_in(10 * KEEP)

        assert forget() == 0
        assert known(pair) == ("198.51.100.0", "Phone")

    def test_a_session_without_a_device_is_left_alone(self, alice):
        pair = sessions.open_session(alice)

        assert Session.objects.get().device_at is None
        assert forget(timezone.now() + 2 * KEEP) == 0
        assert known(pair) == (None, "")

    def test_what_is_noted_anew_meanwhile_stays(self, sign_in, monkeypatch):
        pair, found = sign_in(2 * KEEP), purging._places

        def find_and_note(*arguments):
            places = found(*arguments)
            Session.objects.update(device_at=timezone.now())
            return places

        monkeypatch.setattr(purging, "_places", find_and_note)

        assert forget() == 0
        assert known(pair) == ("198.51.100.0", "Phone")

    def test_an_index_alone_finds_the_rows(self, sign_in):
        for _ in range(4):
            sign_in(2 * KEEP)
        with CaptureQueriesContext(connection) as statements:
            assert sum(purging.sizes(devices.expired(), limit=2)) == 4

        asked = [query["sql"] for query in statements if "revocation_" in query["sql"]]
        plans = [Plan(sql) for sql in asked]
        # In so small a table MariaDB may go on by the primary key, which is as short a way.
        fewest = 3 if connection.vendor == "mysql" else 5
        assert fewest <= sum(plan.reads_only("revocation_noted_devices") for plan in plans) <= 5
        assert not [str(plan) for plan in plans if plan.reads_a_table or plan.sorts]


class TestThePurge:
    def test_says_how_many(self, sign_in):
        sign_in(2 * KEEP)

        assert purge("--dry-run").endswith("0 failed attempts and 1 devices.")
        assert purge().endswith("0 failed attempts and 1 devices.")
        assert json.loads(purge("--json"))["purged"]["devices"] == 0

    def test_says_nothing_of_them_where_they_are_kept(self, settings):
        settings.REVOCATION = settings.REVOCATION | {"KEEP_DEVICE_FOR": None}

        assert purge().endswith("0 sessions and 0 failed attempts.")
        assert "devices" not in purge("--json")

    def test_takes_them_a_few_at_a_time(self, sign_in):
        # All at once: a sign-in might take a bite out of those before it.
        for _ in range(5):
            sign_in()
        Session.objects.update(device_at=timezone.now() - 2 * KEEP)

        assert list(purging.sizes(devices.expired(), limit=2)) == [2, 2, 1]


class TestTheBites:
    @pytest.fixture(autouse=True)
    def _new_walk(self, monkeypatch):
        monkeypatch.setattr(bites, "_TABLES", ((devices.expired, purging.Walk()),))

    def test_take_a_few(self, sign_in):
        pair = sign_in(2 * KEEP)

        assert bites.take(0) == 1
        assert known(pair) == (None, "")

    def test_ask_nothing_where_they_are_kept(self, settings):
        settings.REVOCATION = settings.REVOCATION | {"KEEP_DEVICE_FOR": None}
        with CaptureQueriesContext(connection) as statements:
            assert bites.take(0) == 0

        assert not [q for q in statements if "revocation_session" in q["sql"]]


class TestTheSetting:
    @pytest.mark.parametrize("value", ["7 days", -1, 0, True])
    def test_what_is_no_duration_is_refused(self, settings, value):
        settings.REVOCATION = settings.REVOCATION | {"KEEP_DEVICE_FOR": value}

        with pytest.raises(ImproperlyConfigured, match="KEEP_DEVICE_FOR"):
            conf()
