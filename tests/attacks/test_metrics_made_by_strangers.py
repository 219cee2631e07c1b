"""What strangers send makes no metric, no label and no success, and is not to be read there.

Whoever reads `/metrics` is a program of the operator's, kept for months and shown on screens.
"""

import pytest

from api.metrics import figures
from revocation.models import Session
from tests.api.metrics.reading import TOKEN, counting_here
from tests.client import LOGOUT, ME, PASSWORD, SIGN_IN

pytestmark = pytest.mark.django_db
SKIPPED = """mutation ($no: Boolean!) {
  tokenAuth(username: "nobody", password: "nothing") @include(if: $no) { token }
  logout @skip(if: true) { ok }
}"""


@pytest.fixture
def metrics(settings, monkeypatch):
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(figures, "read", lambda: None)
    with counting_here() as metrics:
        yield metrics


def test_nothing_of_who_asked_can_be_read(metrics, graphql, alice):
    tokens = graphql.sign_in()
    graphql.bearing(tokens)(ME)
    graphql(SIGN_IN, username="a-name-nobody-has", password="a-wrong-one")
    graphql.bearing("a-made-up-token")(ME)
    graphql.bearing(tokens)(LOGOUT)
    text = metrics.text()

    [session] = Session.objects.all()
    secrets = (tokens.access, tokens.refresh, session.id, session.fingerprint, PASSWORD, TOKEN)
    told = ("alice", "a-name-nobody-has", "a-wrong-one", "a-made-up-token", "127.0.0.1")
    assert [text_told for text_told in (*secrets, *told) if text_told in text] == []


def test_no_request_adds_a_series(metrics, graphql):
    before = metrics.samples().keys()
    for number in range(5):
        graphql.bearing(f"token{number}")(ME)
        graphql(f'mutation M{number} {{ a{number}: revokeToken(refreshToken: "x") {{ revoked }} }}')
        graphql(f"mutation {{ unknown{number} }}")
        graphql.http.get(f"/nowhere{number}")

    assert metrics.samples().keys() == before


def test_a_mutation_that_was_skipped_has_not_succeeded(metrics, graphql):
    assert graphql(SKIPPED, no=False).data == {}

    assert metrics.counted() == {}


def test_a_mutation_that_never_began_has_not_succeeded(metrics, graphql):
    graphql("mutation ($n: String!) { tokenAuth(username: $n, password: $n) { token } }", n=1)

    assert metrics.counted() == {}


def test_the_token_for_metrics_opens_nothing_else(metrics, graphql):
    assert graphql.bearing(TOKEN)(ME).reason == "TOKEN_INVALID"


def test_a_users_token_opens_no_metrics(metrics, graphql, alice):
    assert metrics.get(graphql.sign_in().access).status_code == 401


def test_an_error_of_the_projects_own_is_an_other_one(metrics, graphql, monkeypatch):
    from revocation.graphql import mutations

    class Own(Exception):
        reason = 'what somebody sent"} 1'

    def perform(*_, **__):
        raise Own

    monkeypatch.setattr(mutations.Logout, "perform", perform)
    graphql(LOGOUT)

    assert metrics.counted() == {("revocation_logouts_total", "refused", "OTHER"): 1}


@pytest.mark.parametrize("reason", ["", None, [], ["what somebody sent"]], ids=str)
def test_a_reason_of_somebody_elses_makes_no_success_and_no_failure(
    metrics, graphql, monkeypatch, reason
):
    """Errors of other libraries have a `reason` too: that of an HTTP answer may be empty."""
    from revocation.graphql import mutations

    class Others(Exception):
        pass

    Others.reason = reason

    def perform(*_, **__):
        raise Others

    monkeypatch.setattr(mutations.Logout, "perform", perform)
    answer = graphql(LOGOUT)

    assert answer.body["data"] == {"logout": None}
    assert metrics.counted() == {("revocation_logouts_total", "refused", "OTHER"): 1}
