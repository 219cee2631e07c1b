"""What one release writes and another reads: tokens, and names in Redis.

A test that fails here says that workers of two releases would misunderstand each other.
"""

from datetime import UTC, datetime

import jwt
import pytest

from revocation import tokens
from revocation.keys import key_ring
from revocation.stores.lease import FORMAT, Marker, Names

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = int(NOW.timestamp())
SID, JTI = "5" * 32, "7" * 32
# All that any release has ever relied on.
ACCESS = {"sub": "1", "jti": JTI, "sid": SID, "iat": SECOND, "exp": SECOND + 60}
REFRESH = {"sub": "1", "sid": SID, "gen": 0, "exp": SECOND + 60}
MORE = {"following": [1], "name": "x", "exp2": None, "cnf": {"jkt": "x"}}


def signed(payload, typ):
    ring = key_ring()
    header = {"typ": typ, "kid": ring.kid}
    return jwt.encode(payload, ring.signing, ring.algorithm, headers=header)


@pytest.mark.parametrize("more", [{}, MORE], ids=["fewer claims", "more claims"])
class TestTokens:
    def test_of_another_release_open_what_ours_do(self, more):
        claims = tokens.read_access(signed(ACCESS | more, "at+jwt"), now=NOW)

        assert (claims.sub, claims.jti, claims.sid, claims.exp) == ("1", JTI, SID, SECOND + 60)
        assert claims.keys == (JTI, SID)

    def test_of_another_release_are_exchanged_as_ours_are(self, more):
        claims = tokens.read_refresh(signed(REFRESH | more, "rt+jwt"), now=NOW)

        assert (claims.sub, claims.sid, claims.gen, claims.exp) == ("1", SID, 0, SECOND + 60)


def test_tokens_keep_the_claims_that_older_releases_ask_for(alice):
    text, _ = tokens.sign_access(
        alice, jti=JTI, sid=SID, iat=SECOND, exp=SECOND + 60, orig_iat=SECOND
    )
    payload = jwt.decode(text, options={"verify_signature": False})

    assert payload.items() >= (ACCESS | {"sub": str(alice.pk)}).items()
    assert jwt.get_unverified_header(text) == {
        "alg": "HS256",
        "kid": key_ring().kid,
        "typ": "at+jwt",
    }


def test_what_lies_in_redis_has_a_new_name_when_it_is_written_anew():
    """Whoever has to change an expectation below gives `FORMAT` a value no release has had."""
    names = Names("deployment", "address")

    assert FORMAT == ""
    assert names.marker == "revocation:{deploymentaddress}:marker"
    assert names.copier == "revocation:{deploymentaddress}:copier"
    assert names.of(JTI) == f"revocation:{{deploymentaddress}}:key:{JTI}"
    assert names.node("run") == "run address"
    assert str(Marker("run/0", begun=1000, copied_at=1)) == "run/0 1000 1"
