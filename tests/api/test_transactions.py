"""`ATOMIC_REQUESTS` and `ATOMIC_MUTATIONS` act as with graphene-django's own view."""

import pytest
from django.contrib.auth.models import Group
from django.db import InterfaceError, OperationalError, connection

GOOD = 'touch(name: "good") { ok }'
FAILING = 'bad: touch(name: "bad", fails: true) { ok }'
FLAGGING = 'bad: touch(name: "bad", flags: true) { ok }'


@pytest.fixture
def atomic_requests(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


@pytest.fixture(params=["GRAPHENE", "DATABASES"])
def atomic_mutations(request, monkeypatch, settings):
    if request.param == "GRAPHENE":
        settings.GRAPHENE = {**settings.GRAPHENE, "ATOMIC_MUTATIONS": True}
    else:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_MUTATIONS", True)


def rows() -> set[str]:
    return set(Group.objects.values_list("name", flat=True))


@pytest.mark.django_db(transaction=True)
class TestWithoutTransactions:
    def test_a_failing_field_undoes_nothing(self, http):
        http.ask(f"mutation {{ {GOOD} {FAILING} }}")

        assert rows() == {"good", "bad"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
class TestAtomicRequests:
    def test_a_request_without_errors_is_committed(self, http):
        http.ask(f"mutation {{ {GOOD} }}")

        assert rows() == {"good"}

    @pytest.mark.parametrize("bad", [FAILING, FLAGGING])
    def test_a_failing_field_undoes_the_request(self, http, bad):
        http.ask(f"mutation {{ {GOOD} {bad} }}")

        assert rows() == set()

    def test_a_failing_entry_undoes_the_batch(self, http):
        http.post([{"query": f"mutation {{ {field} }}"} for field in (GOOD, FAILING)])

        assert rows() == set()

    def test_an_entry_that_was_never_executed_undoes_nothing(self, http):
        http.post([{"query": f"mutation {{ {GOOD} }}"}, {"query": "{ nothing }"}])

        assert rows() == {"good"}

    def test_a_failure_of_the_view_itself_undoes_the_request(self, http, monkeypatch):
        monkeypatch.setattr("api.execution.getattr", lambda *_: 1 / 0, raising=False)
        response = http.post({"query": f"mutation {{ {GOOD} }}"})

        assert response.status_code == 500
        assert rows() == set()

    @pytest.mark.parametrize("debug", [True, False])
    def test_a_commit_that_fails_is_told_in_graphql_json(self, http, settings, debug):
        settings.DEBUG = debug
        response = http.post({"query": "mutation { dangle { ok } }"})

        # Without deferred constraints, a server that goes away is what a commit fails by.
        is_refused = connection.features.can_defer_constraint_checks
        message = "Internal server error" if is_refused else "Service unavailable, retry later"
        assert response.status_code == (500 if is_refused else 503)
        assert response.json()["errors"][0]["message"] == message
        assert "data" not in response.json()

    @pytest.mark.parametrize("error", [OperationalError, InterfaceError])
    def test_a_database_that_is_away_by_then_may_be_tried_again(self, http, monkeypatch, error):
        def cut():
            if connection.vendor == "postgresql":
                # Left open, it would first be asked to end the transaction.
                connection.connection.close()
            raise error("server closed the connection of secret-host")

        monkeypatch.setattr(connection, "_commit", cut)
        response = http.post({"query": f"mutation {{ {GOOD} }}"})
        connection.close()

        assert response.status_code == 503
        assert response.headers["Retry-After"] == "1"
        assert response.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert "secret-host" not in response.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_mutations")
class TestAtomicMutations:
    def test_a_flagged_mutation_undoes_the_operation(self, http):
        http.ask(f"mutation {{ {GOOD} {FLAGGING} }}")

        assert rows() == set()

    def test_an_operation_that_is_not_flagged_is_committed(self, http):
        http.ask(f"mutation {{ {GOOD} {FAILING} }}")

        assert rows() == {"good", "bad"}

    def test_a_commit_that_fails_is_told_in_graphql_json(self, http):
        response = http.post([{"query": "mutation { dangle { ok } }"}, {"query": "{ version }"}])
        failed, good = response.json()

        assert failed["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert good == {"data": {"version": "1"}}

    def test_a_flag_does_not_reach_the_next_entry_of_a_batch(self, http):
        http.post([{"query": f"mutation {{ {field} }}"} for field in (FLAGGING, GOOD)])

        assert rows() == {"good"}
