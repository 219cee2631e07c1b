"""A refusal or a rollback never undoes a revocation, nor leaves tokens without their record."""

import pytest
from django.db import connection

from revocation import sessions
from revocation.models import RevokedToken, Session
from tests.client import ME, PASSWORD, SIGN_IN
from tests.revocation import boom_urls

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]

LOGOUT_AND_BOOM = "mutation { logout { ok } boom }"
BOOM_AND_LOGOUT = "mutation { boom logout { ok } }"
SIGN_IN_AND_BOOM = SIGN_IN.rstrip().removesuffix("}") + " boom }"
BREAK_AND_LOGOUT = "mutation { breakTransaction logout { ok } }"


@pytest.fixture(params=["requests", "mutations", "both"])
def _atomic(request, monkeypatch):
    """Roll back whatever a request wrote when any of its fields fails."""
    if request.param in {"requests", "both"}:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    if request.param in {"mutations", "both"}:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_MUTATIONS", True)


@pytest.fixture
def _refusing_writes():
    yield
    boom_urls.accept_writes()


@pytest.mark.usefixtures("_atomic")
class TestRollback:
    @pytest.mark.parametrize("mutation", [LOGOUT_AND_BOOM, BOOM_AND_LOGOUT, BREAK_AND_LOGOUT])
    def test_a_logout_holds_beside_a_failing_field(self, graphql, alice, mutation):
        tokens = graphql.sign_in()

        answer = graphql.bearing(tokens)(mutation)

        assert answer.body["data"]["logout"] == {"ok": True}
        assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(tokens).reason == "SESSION_ENDED"

    def test_a_neighbours_own_write_is_rolled_back_as_ever(self, graphql, alice):
        graphql.bearing(graphql.sign_in())("mutation { logout { ok } renameAndBoom }")

        alice.refresh_from_db()
        assert alice.first_name == ""

    def test_reuse_ends_the_session_although_it_answers_with_an_error(
        self, graphql, alice, settings
    ):
        settings.REVOCATION = {"GRACE_SECONDS": 0}
        tokens = graphql.sign_in()
        newest = graphql.refresh(tokens)

        assert graphql.try_refresh(tokens).reason == "REFRESH_REUSED"

        assert graphql.bearing(newest)(ME).reason == "TOKEN_REVOKED"
        assert Session.objects.get().ended_at is not None

    def test_a_sign_in_beside_a_failing_field_holds(self, graphql, alice):
        answer = graphql(SIGN_IN_AND_BOOM, **credentials())

        token = answer.body["data"]["tokenAuth"]["token"]
        assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}

    def test_a_sign_in_of_a_user_who_is_rolled_back_gives_no_tokens(self, graphql):
        answer = graphql(
            SIGN_IN_AND_BOOM.replace("{\n", "{ register\n", 1),
            username="newcomer",
            password=PASSWORD,
        )

        assert (answer.status, answer.reasons) == (503, ["REVOCATION_UNAVAILABLE"])
        assert not Session.objects.unended().exists()

    def test_a_refresh_beside_a_failing_field_holds(self, graphql, alice):
        tokens = graphql.sign_in()

        answer = graphql(
            "mutation ($t: String) { refreshToken(refreshToken: $t) { token refreshToken } boom }",
            t=tokens.refresh,
        )

        successor = answer.body["data"]["refreshToken"]
        assert graphql.bearing(successor["token"])(ME).data == {"me": {"username": "alice"}}
        assert graphql.refresh(successor["refreshToken"]).access
        assert Session.objects.get().generation == 2

    def test_a_changed_password_beside_a_failing_field_holds(self, graphql, alice):
        tokens, other = graphql.sign_in(), graphql.sign_in()

        answer = graphql.bearing(tokens)(
            "mutation ($old: String!) { changePassword(oldPassword: $old, "
            'newPassword: "an entirely different one") { token refreshToken } boom }',
            old=PASSWORD,
        )

        pair = answer.body["data"]["changePassword"]
        assert graphql.bearing(pair["token"])(ME).data == {"me": {"username": "alice"}}
        assert graphql.bearing(other)(ME).reason == "TOKEN_REVOKED"
        assert graphql.sign_in(password="an entirely different one").access

    def test_sign_in_and_logout_of_one_request_are_replayed_in_order(self, graphql, alice):
        tokens = graphql.sign_in()

        graphql.bearing(tokens)(
            "mutation ($t: String) { refreshToken(refreshToken: $t) { token } logout { ok } boom }",
            t=tokens.refresh,
        )

        session = Session.objects.get()
        assert (session.generation, session.ended_at is not None) == (1, True)


@pytest.mark.usefixtures("_atomic")
class TestReplayRefused:
    """When the write cannot be made again, the answer must not claim it, nor carry tokens."""

    @pytest.fixture(autouse=True)
    def _filling_up(self, settings, _refusing_writes):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.revocation.boom_urls.DatabaseFillsUp"]

    @pytest.mark.parametrize(
        ("table", "mutation"),
        [
            ("revocation_revokedtoken", "mutation { logout { ok } boom }"),
            ("revocation_session", SIGN_IN_AND_BOOM),
        ],
    )
    def test_the_answer_is_an_error_without_tokens(self, graphql, alice, table, mutation):
        pair = sessions.open_session(alice)
        client = graphql.bearing(pair.access_token)
        client.headers["X-Table"] = table

        answer = client(mutation, **credentials())

        assert (answer.status, answer.reasons) == (503, ["REVOCATION_UNAVAILABLE"])
        assert "data" not in answer.body


class TestWithoutRollback:
    @pytest.mark.usefixtures("_refusing_writes")
    def test_a_logout_that_the_database_refuses_is_no_logout(self, graphql, alice):
        tokens = graphql.sign_in()
        boom_urls.refuse_writes("revocation_revokedtoken")

        answer = graphql.bearing(tokens)("mutation { logout { ok } }")

        assert answer.reason == "REVOCATION_UNAVAILABLE"
        assert answer.body["data"] == {"logout": None}
        assert "disk full" not in str(answer.body)

    @pytest.mark.usefixtures("_refusing_writes")
    def test_both_records_or_neither(self, graphql, alice):
        tokens = graphql.sign_in()
        boom_urls.refuse_writes("revocation_revokedtoken")

        graphql.bearing(tokens)("mutation { logout { ok } }")

        assert Session.objects.get().ended_at is None
        assert not RevokedToken.objects.exists()

    def test_the_verdict_is_forgotten_inside_the_request(self, graphql, alice):
        tokens = graphql.sign_in()

        answer = graphql.bearing(tokens)("mutation { logout { ok } logoutAll { ended } }")

        assert answer.body["data"] == {"logout": {"ok": True}, "logoutAll": None}
        assert answer.reason == "TOKEN_REVOKED"

    def test_forgetting_costs_one_question_more(self, graphql, alice, django_assert_num_queries):
        tokens = graphql.sign_in()

        with django_assert_num_queries(7) as statements:
            graphql.bearing(tokens)("mutation { checked logout { ok } again: checked }")

        questions = [q for q in statements.captured_queries if "is_revoked" in q["sql"]]
        assert len(questions) == 2

    def test_the_requests_user_is_nobody_after_a_logout(self, graphql, alice):
        tokens = graphql.sign_in()

        answer = graphql.bearing(tokens)("mutation { before: whoAmI logout { ok } after: whoAmI }")

        assert answer.data["before"] == "alice"
        assert answer.data["after"] == ""

    def test_a_sign_in_signs_no_later_field_in(self, graphql, alice):
        answer = graphql(SIGN_IN.rstrip().removesuffix("}") + " whoAmI }", **credentials())

        assert answer.data["whoAmI"] == ""


def credentials():
    return {"username": "alice", "password": PASSWORD}
