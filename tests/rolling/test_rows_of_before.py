"""Rows that a release without the newest columns wrote, and goes on to write beside this one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import RequestFactory
from django.utils import timezone

from revocation import devices, purging, sessions
from revocation.models import Session

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("revocation", "0004_purge_indexes")]
# What came since.
NEW = {"device_at", "status_position"}
OLD = [field for field in Session._meta.concrete_fields if field.name not in NEW]


@pytest.fixture
def tables():
    """Bring the tables to those of a release, and in the end to those of this one."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()

    def bring(to):
        MigrationExecutor(connection).migrate(newest if to == "now" else to)

    yield bring
    bring("now")


@pytest.fixture
def sign_in(alice):
    """Sign in as the release before does, which inserts the columns that it knows."""

    def sign_in():
        request = RequestFactory().post("/", REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT="Phone")
        pair = sessions.open_session(alice, request=request)
        return pair, Session.objects.filter(pk=pair.payload["sid"]).values_list(
            *(field.attname for field in OLD)
        )[0]

    return sign_in


def insert(row):
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in OLD)
    values = [field.get_db_prep_save(it, connection) for field, it in zip(OLD, row, strict=True)]
    holes = ", ".join(["%s"] * len(OLD))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO revocation_session ({columns}) VALUES ({holes})", values)


def is_known(pair):
    row = Session.objects.get(pk=pair.payload["sid"])
    return bool(row.ip_address or row.user_agent)


def forget(settings, *, after):
    settings.REVOCATION = settings.REVOCATION | {"KEEP_DEVICE_FOR": timedelta(days=7)}
    return sum(purging.sizes(devices.expired(timezone.now() + after), limit=100))


def assert_is_forgotten_in_time(pair, settings):
    assert forget(settings, after=timedelta(days=6)) == 0
    assert is_known(pair)
    assert forget(settings, after=timedelta(days=8)) == 1
    assert not is_known(pair)
    assert sessions.live_sessions(pair.user)


def test_a_device_noted_beside_this_release_is_forgotten_in_time(sign_in, settings):
    pair, row = sign_in()
    Session.objects.all().delete()
    insert(row)

    assert_is_forgotten_in_time(pair, settings)


def test_a_device_noted_before_the_upgrade_is_forgotten_in_time(sign_in, tables, settings):
    pair, row = sign_in()
    Session.objects.all().delete()
    tables(BEFORE)
    insert(row)
    tables("now")

    assert_is_forgotten_in_time(pair, settings)
