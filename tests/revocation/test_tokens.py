"""What is no token of ours is refused, with the reason that fits."""

import json
import time

import pytest

from revocation import sessions
from revocation.claims import moment_of
from revocation.errors import TokenInvalid
from revocation.tokens import read_access
from tests.revocation.forge import LEFT_OUT, claims_of, encode, forge, our_header, sign
from tests.revocation.verdicts import judged, read

pytestmark = pytest.mark.django_db

A_DAY = 86_400


def test_a_token_written_anew_unchanged_is_good(issued):
    assert judged(forge(issued.access_token)) == "good"
    assert read(forge(issued.refresh_token)) == "good"


HEADERS = {
    "no kid": {"kid": LEFT_OUT},
    "foreign kid": {"kid": "0" * 16},
    "kid is no text": {"kid": 1},
    "kid is null": {"kid": None},
    "kid is a list": {"kid": ["x"]},
    "kid is a path": {"kid": "../../dev/null"},
    "kid is SQL": {"kid": "' OR 1=1 --"},
    "no alg": {"alg": LEFT_OUT},
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "alg is null": {"alg": None},
    "alg is a list": {"alg": ["HS256"]},
    "another alg": {"alg": "HS512"},
    "an alg of key pairs": {"alg": "RS256"},
    "alg in lower case": {"alg": "hs256"},
    "no typ": {"typ": LEFT_OUT},
    "typ is null": {"typ": None},
    "typ is a list": {"typ": ["at+jwt"]},
    "plain typ": {"typ": "JWT"},
    "longer typ": {"typ": "application/at+jwt"},
    "typ of a status list": {"typ": "statuslist+jwt"},
    "unknown crit": {"crit": ["revocation"], "revocation": "off"},
    "crit of a claim": {"crit": ["exp"]},
    "crit is empty": {"crit": []},
    "crit is text": {"crit": "b64"},
    "b64 is off": {"b64": False},
    "b64 is off and critical": {"b64": False, "crit": ["b64"]},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
class TestHeaders:
    def test_no_access_token_has_such_a_header(self, issued, header):
        assert judged(forge(issued.access_token, header=header)) == "TOKEN_INVALID"

    def test_no_refresh_token_has_such_a_header(self, issued, header):
        assert read(forge(issued.refresh_token, header=header)) == "REFRESH_INVALID"


IDS = {
    "missing": LEFT_OUT,
    "null": None,
    "a number": 1,
    "a list": ["0" * 32],
    "empty": "",
    "too short": "0" * 31,
    "too long": "0" * 33,
    "upper case": "A" * 32,
    "a UUID": "00000000-0000-0000-0000-000000000000",
    "with a line break": "0" * 32 + "\n",
    "full-width digits": "\uff10" * 32,
    "a wildcard": "%" * 32,
}
EXPIRIES = {
    "missing": LEFT_OUT,
    "null": None,
    "text": "99999999999",
    "a date": "2999-01-01",
    "a fraction": time.time() + A_DAY,
    "infinite": float("inf"),
    "no number": float("nan"),
    "true": True,
    "a list": [9_999_999_999],
    "negative": -1,
    "after the end of time": 10**12,
    "astronomic": 10**30,
    "of four hundred digits": 10**400,
}
SUBJECTS = {"missing": LEFT_OUT, "null": None, "a number": 1, "true": True, "a list": ["1"]}
ISSUED = {
    "missing": LEFT_OUT,
    "null": None,
    "text": "1",
    "true": True,
    "a list": [1],
    "infinite": float("inf"),
    "no number": float("nan"),
    "astronomic": 10**30,
    "of four hundred digits": 10**400,
}
GENERATIONS = {
    "missing": LEFT_OUT,
    "null": None,
    "text": "0",
    "a fraction": 0.0,
    "false": False,
    "negative": -1,
}


def cases(**claims):
    return [
        pytest.param(name, value, id=f"{name}-{description}")
        for name, values in claims.items()
        for description, value in values.items()
    ]


class TestClaims:
    @pytest.mark.parametrize(
        ("name", "value"), cases(sub=SUBJECTS, jti=IDS, sid=IDS, exp=EXPIRIES, iat=ISSUED)
    )
    def test_no_access_token_has_such_a_claim(self, issued, name, value):
        assert judged(forge(issued.access_token, **{name: value})) == "TOKEN_INVALID"

    @pytest.mark.parametrize(
        ("name", "value"), cases(sub=SUBJECTS, sid=IDS, exp=EXPIRIES, gen=GENERATIONS)
    )
    def test_no_refresh_token_has_such_a_claim(self, issued, name, value):
        assert read(forge(issued.refresh_token, **{name: value})) == "REFRESH_INVALID"

    @pytest.mark.parametrize("exp", [0, 1, 1_000_000_000])
    def test_a_past_expiry_is_expired(self, issued, exp):
        assert judged(forge(issued.access_token, exp=exp)) == "TOKEN_EXPIRED"
        assert read(forge(issued.refresh_token, exp=exp)) == "REFRESH_EXPIRED"

    @pytest.mark.parametrize("kind", [int, float])
    def test_a_host_may_be_a_minute_ahead(self, issued, kind):
        iat = issued.payload["iat"]
        a_minute_before = moment_of(iat - 60)

        read_access(forge(issued.access_token, iat=kind(iat)), now=a_minute_before)
        with pytest.raises(TokenInvalid):
            read_access(forge(issued.access_token, iat=kind(iat + 1)), now=a_minute_before)

    @pytest.mark.parametrize("nbf", [None, "x", [], float("nan"), 10**400, time.time() + A_DAY])
    def test_a_token_not_to_be_used_yet_is_refused(self, issued, nbf):
        assert judged(forge(issued.access_token, nbf=nbf)) == "TOKEN_INVALID"

    def test_a_token_of_another_session_of_the_user_is_refused_with_that_session(self, issued):
        ended = sessions.open_session(issued.user)
        sessions.end(read_access(ended.access_token))

        token = forge(issued.access_token, sid=claims_of(ended.access_token)["sid"])

        assert judged(token) == "TOKEN_REVOKED"


class TestKinds:
    def test_a_refresh_token_is_no_access_token(self, issued):
        assert judged(issued.refresh_token) == "TOKEN_INVALID"

    def test_an_access_token_is_no_refresh_token(self, issued):
        assert read(issued.access_token) == "REFRESH_INVALID"

    def test_a_refresh_token_that_calls_itself_an_access_token_lacks_its_claims(self, issued):
        assert judged(forge(issued.refresh_token, header={"typ": "at+jwt"})) == "TOKEN_INVALID"

    def test_an_access_token_that_calls_itself_a_refresh_token_lacks_its_claims(self, issued):
        assert read(forge(issued.access_token, header={"typ": "rt+jwt"})) == "REFRESH_INVALID"


DEEP = b"[" * 3000
SEGMENTS = {
    "deep header": (DEEP, b"{}"),
    "deep claims": (None, DEEP),
    "deep objects": (None, b'{"a":' * 1000 + b"1" + b"}" * 1000),
    "claims are a list": (None, b"[]"),
    "claims are null": (None, b"null"),
    "claims are empty": (None, b""),
    "claims are no JSON": (None, b"{"),
    "claims are no UTF-8": (None, b"\xff\xfe"),
    "claims are a long number": (None, b"1" * 5000),
    "header is a list": (b"[]", b"{}"),
    "header is text": (b'"HS256"', b"{}"),
    "header is empty": (b"", b"{}"),
    "header is no UTF-8": (b"\xff", b"{}"),
    "header is a long number": (b"1" * 5000, b"{}"),
}


@pytest.mark.parametrize(("header", "claims"), SEGMENTS.values(), ids=SEGMENTS)
@pytest.mark.parametrize("typ", ["at+jwt", "rt+jwt"])
def test_segments_that_are_no_claims_are_refused(typ, header, claims):
    text = sign(our_header(typ) if header is None else header, claims)

    assert (judged(text), read(text)) == ("TOKEN_INVALID", "REFRESH_INVALID")


def test_ten_kilobytes_are_no_token_however_well_signed(issued):
    text = forge(issued.access_token, padding="x" * 10_000)

    assert judged(text) == "TOKEN_INVALID"


def test_a_token_without_a_signature_is_refused(issued):
    header, claims, _ = issued.access_token.split(".")
    none = encode(json.dumps({"alg": "none", "typ": "at+jwt"}).encode()).decode()

    for text in (f"{header}.{claims}.", f"{header}.{claims}", f"{none}.{claims}."):
        assert judged(text) == "TOKEN_INVALID"
