"""Where a rotation leads from a secret to a pair, neither verifies by the other's algorithm."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from revocation import guard, sessions
from revocation.errors import TokenInvalid
from revocation.keyfile import read_keys
from tests.keys.conftest import file, looking_always, path, rotate_key  # noqa: F401  Fixtures.
from tests.revocation.forge import forge

pytestmark = pytest.mark.django_db

FORMS = [
    (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    (Encoding.PEM, PublicFormat.PKCS1),
]


@pytest.fixture
def mixed(file):  # noqa: F811
    """A secret that signs, and a pair that will; both verify."""
    rotate_key("--algorithm", "RS256")
    found = read_keys(file)
    return found.current.key, found.next.key


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("which", [0, 1], ids=["named as the secret", "named as the pair"])
def test_a_published_key_is_no_shared_secret(mixed, alice, form, which):
    token = sessions.open_session(alice).access_token
    public = mixed[1].verifying.public_bytes(*form)
    header = {"alg": "HS256", "kid": mixed[which].kid}

    with pytest.raises(TokenInvalid):
        guard.judge(forge(token, header=header, key=public, alg="HS256"))


@pytest.mark.parametrize("alg", ["HS256", "HS384", "RS512", "PS256", "none"])
def test_a_key_verifies_by_its_own_algorithm_alone(mixed, alice, alg):
    secret, pair = mixed
    signer, other = (secret, pair) if alg.startswith("HS") else (pair, secret)
    token = sessions.open_session(alice).access_token
    # Signed well, and named as a key that is for something else.
    named = other if alg in {"HS256", "none"} else signer
    key = None if alg == "none" else signer.signing
    header = {"alg": alg, "kid": named.kid}

    with pytest.raises(TokenInvalid):
        guard.judge(forge(token, header=header, key=key, alg=alg))


def test_what_is_tried_would_be_accepted_of_the_right_key(mixed, alice):
    _, pair = mixed
    token = sessions.open_session(alice).access_token
    header = {"alg": "RS256", "kid": pair.kid}

    assert guard.judge(forge(token, header=header, key=pair.signing, alg="RS256")).user == alice
