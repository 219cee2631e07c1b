"""What is counted, and as what."""

import pytest

from api.metrics import counting
from revocation import guard, signals
from revocation.errors import RevocationUnavailable
from tests.client import LOGOUT, ME, SIGN_IN

pytestmark = pytest.mark.django_db
UNAVAILABLE = "REVOCATION_UNAVAILABLE"


def outcomes(name, metrics):
    """Return how often each outcome of something was counted, by its reason."""
    return {
        labels[-1]: value for (found, *labels), value in metrics.counted().items() if found == name
    }


@pytest.fixture
def verdicts(metrics):
    return lambda: outcomes("revocation_verdicts_total", metrics)


@pytest.fixture
def sign_ins(metrics):
    return lambda: outcomes("revocation_sign_ins_total", metrics)


@pytest.fixture
def refreshes(metrics):
    return lambda: outcomes("revocation_refreshes_total", metrics)


@pytest.fixture
def logouts(metrics):
    return lambda: outcomes("revocation_logouts_total", metrics)


@pytest.fixture
def tokens(alice, graphql):
    return graphql.sign_in()


@pytest.fixture
def broken_store(monkeypatch):
    """Have the store refuse to decide."""

    def judge(*_, **__):
        raise RevocationUnavailable

    monkeypatch.setattr(guard, "judge", judge)


class TestVerdicts:
    def test_access_is_counted_once_for_a_request(self, verdicts, graphql, tokens):
        graphql.bearing(tokens)("{ a: me { id } b: me { id } }")

        assert verdicts() == {"": 1}

    def test_a_refusal_is_counted_under_its_reason(self, verdicts, graphql, tokens):
        graphql(ME)
        graphql.bearing("garbage")(ME)
        graphql.bearing(tokens)(LOGOUT)
        graphql.bearing(tokens)(ME)

        assert verdicts() == {"TOKEN_MISSING": 1, "TOKEN_INVALID": 1, "TOKEN_REVOKED": 1}

    def test_what_cannot_be_decided_is_no_refusal(self, metrics, graphql, tokens, broken_store):
        graphql.bearing(tokens)(ME)

        assert metrics.counted()["revocation_verdicts_total", "unavailable", UNAVAILABLE] == 1

    def test_what_asks_for_no_verdict_is_not_counted(self, verdicts, graphql, tokens):
        graphql.bearing(tokens)("{ version }")

        assert verdicts() == {}

    def test_each_is_timed(self, metrics, graphql, tokens):
        for _ in range(3):
            graphql.bearing(tokens)(ME)
        samples = metrics.samples()

        assert samples["revocation_verdict_seconds_count",] == 3
        assert samples["revocation_verdict_seconds_bucket", "5.0"] == 3
        assert 0 < samples["revocation_verdict_seconds_sum",] < 3

    def test_counting_runs_no_statement(self, metrics, graphql, tokens, django_assert_num_queries):
        client = graphql.bearing(tokens)

        with django_assert_num_queries(1):
            assert client(ME).data

    def test_a_reason_of_the_projects_own_is_an_other_one(self, metrics, verdicts):
        guard._Watching.watcher("SOMETHING_NEW", 1000)

        assert verdicts() == {"OTHER": 1}

    @pytest.mark.parametrize("seconds", [0.0001, 0.0000999, 0.0])
    def test_a_span_holds_its_upper_end(self, metrics, seconds):
        guard._Watching.watcher("", round(seconds * 1e9))

        assert metrics.samples()["revocation_verdict_seconds_bucket", "0.0001"] == 1

    def test_what_took_longest_is_in_the_last_span(self, metrics):
        guard._Watching.watcher("", 7_000_000_000)
        samples = metrics.samples()

        assert samples["revocation_verdict_seconds_bucket", "5.0"] == 0
        assert samples["revocation_verdict_seconds_bucket", "+Inf"] == 1
        assert samples["revocation_verdict_seconds_sum",] == 7


class TestSignIns:
    def test_good_and_bad(self, sign_ins, graphql, tokens):
        graphql(SIGN_IN, username="alice", password="wrong")

        assert sign_ins() == {"": 1, "INVALID_CREDENTIALS": 1}

    def test_one_too_many(self, metrics, sign_ins, graphql, alice):
        for _ in range(12):
            graphql(SIGN_IN, username="alice", password="wrong")

        assert sign_ins() == {"INVALID_CREDENTIALS": 10, "RATE_LIMITED": 2}
        assert metrics.counted()["revocation_lockouts_total", "sign-in"] == 1

    def test_under_another_name_and_in_a_fragment(self, sign_ins, graphql, alice):
        field = 'hello: tokenAuth(username: "alice", password: "wrong") { token }'
        graphql(f"mutation {{ ...A }} fragment A on Mutation {{ {field} }}")

        assert sign_ins() == {"INVALID_CREDENTIALS": 1}

    def test_one_whose_result_cannot_be_shown_has_succeeded(self, sign_ins, graphql, alice):
        def fail(*_):
            raise ValueError

        from schema.root import schema

        field = schema.graphql_schema.type_map["ObtainJSONWebToken"].fields["refreshExpiresIn"]
        before, field.resolve = field.resolve, fail
        try:
            answer = graphql(
                "mutation ($name: String!, $password: String!) {"
                " tokenAuth(username: $name, password: $password) { refreshExpiresIn } }",
                name="alice",
                password="correct horse battery staple",
            )
        finally:
            field.resolve = before

        assert answer.body["data"] == {"tokenAuth": None}
        assert sign_ins() == {"": 1}


class TestRefreshes:
    def test_good_and_bad(self, refreshes, graphql, tokens):
        graphql.refresh(tokens)
        graphql.try_refresh("garbage")

        assert refreshes() == {"": 1, "REFRESH_INVALID": 1}

    @pytest.mark.django_db(transaction=True)
    def test_one_that_came_back_sounds_the_alarm(self, metrics, refreshes, graphql, tokens):
        newer = graphql.refresh(tokens)
        graphql.refresh(newer)
        graphql.try_refresh(tokens)

        assert refreshes() == {"": 2, "REFRESH_REUSED": 1}
        assert metrics.counted()["revocation_reuse_alarms_total",] == 1


class TestLogouts:
    def test_whichever_way(self, logouts, graphql, tokens):
        graphql.bearing(tokens)(LOGOUT)
        graphql.bearing(tokens)("mutation { logoutAll { ended } }")
        graphql.bearing(graphql.sign_in())('mutation { revokeSession(id: "x") { ok } }')
        graphql('mutation { revokeToken(refreshToken: "x") { revoked } }')

        assert logouts() == {
            "": 1,
            "TOKEN_REVOKED": 1,
            "SESSION_NOT_FOUND": 1,
            "REFRESH_INVALID": 1,
        }


class TestStores:
    def test_a_database_that_does_not_answer(self, metrics, graphql, tokens, monkeypatch):
        from django.db import OperationalError

        from revocation.stores.database import DatabaseStore

        def facts(*_):
            raise OperationalError

        monkeypatch.setattr(DatabaseStore, "facts", facts)
        answer = graphql.bearing(tokens)(ME)

        assert answer.reason == UNAVAILABLE
        assert metrics.counted()["revocation_store_errors_total", "database"] == 1

    def test_a_redis_that_does_not_answer(self, metrics):
        from datetime import timedelta

        from revocation.stores.connection import Connection, Unreachable
        from tests.servers.process import free_port

        url = f"redis://127.0.0.1:{free_port()}"
        with pytest.raises(Unreachable):
            Connection(url, timeout=timedelta(seconds=1)).run("return 1", [])

        assert metrics.counted()["revocation_store_errors_total", "redis"] == 1


def test_without_a_token_in_the_settings_nobody_watches():
    assert guard._Watching.watcher is None
    assert not counting.is_on()
    assert not signals.store_failed.receivers
