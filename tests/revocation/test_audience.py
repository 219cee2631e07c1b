"""Tokens are addressed to this API where the settings say so, and are read as they were written."""

import pytest

from revocation import guard, sessions
from tests.revocation.forge import LEFT_OUT, claims_of, forge
from tests.revocation.verdicts import judged, read

pytestmark = pytest.mark.django_db


class TestAddressing:
    @pytest.fixture(autouse=True)
    def _addressed(self, settings):
        settings.GRAPHQL_JWT = {"JWT_AUDIENCE": "our-api", "JWT_ISSUER": "our-issuer"}

    def test_what_we_issue_is_addressed_to_us(self, issued):
        assert (
            claims_of(issued.access_token).items()
            >= {"aud": "our-api", "iss": "our-issuer"}.items()
        )
        assert (judged(issued.access_token), read(issued.refresh_token)) == ("good", "good")

    @pytest.mark.parametrize("value", [LEFT_OUT, None, "", "another", ["another"], [], 1, {}])
    @pytest.mark.parametrize("claim", ["aud", "iss"])
    def test_what_is_addressed_otherwise_is_refused(self, issued, claim, value):
        assert judged(forge(issued.access_token, **{claim: value})) == "TOKEN_INVALID"
        assert read(forge(issued.refresh_token, **{claim: value})) == "REFRESH_INVALID"

    def test_one_of_several_audiences_suffices(self, issued):
        assert judged(forge(issued.access_token, aud=["another", "our-api"])) == "good"


def test_an_audience_that_nobody_asked_for_is_refused(issued):
    assert judged(forge(issued.access_token, aud="somebody-else")) == "TOKEN_INVALID"


def test_what_one_request_writes_into_the_claims_no_other_reads(issued, settings):
    settings.GRAPHQL_JWT = {"JWT_AUDIENCE": ["our-api"]}
    text = sessions.open_session(issued.user).access_token
    before = claims_of(text)
    payload = guard.judge(text).claims.payload
    payload["sub"] = "0"
    payload["aud"].append("another")

    assert guard.judge(text).claims.payload == before
