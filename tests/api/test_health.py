"""Probes."""

import pytest
from django.db import DatabaseError, InterfaceError, connection

from api import health

SECRET = "password authentication failed for user hunter2"


@pytest.fixture
def forgetful():
    """Make readiness look at the migrations anew."""
    health._ensure_migrated.cache_clear()
    yield
    health._ensure_migrated.cache_clear()


def test_live_asks_no_database(http):
    # Without the django_db mark any query fails.
    assert http.client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
@pytest.mark.usefixtures("forgetful")
class TestReady:
    def test_when_the_database_answers_and_is_migrated(self, http):
        assert http.client.get("/health/ready").status_code == 200

    def test_costs_one_query_from_then_on(self, http, django_assert_num_queries):
        http.client.get("/health/ready")

        with django_assert_num_queries(1):
            http.client.get("/health/ready")

    def test_not_before_the_migrations(self, http):
        from django.db.migrations.recorder import MigrationRecorder

        MigrationRecorder(connection).migration_qs.filter(app="revocation").delete()
        response = http.client.get("/health/ready")

        assert response.status_code == 503
        assert response.json() == {"status": "unavailable", "missing": "migrations"}

    @pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
    def test_not_without_the_database_which_is_not_quoted(self, http, monkeypatch, error):
        def cursor():
            raise error(SECRET)

        monkeypatch.setattr(connection, "cursor", cursor)
        response = http.client.get("/health/ready")

        assert response.status_code == 503
        assert response.json() == {"status": "unavailable", "missing": "database"}
