"""The text of a token is not its identity: PyJWT reads several texts of one, and some algorithms
have two signatures of each.

Whoever knows a revoked legacy token could otherwise write it down differently, and be somebody.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from revocation.models import Session
from tests.client import LOGOUT, ME
from tests.revocation.legacy.old_world import access_token, in_force
from tests.revocation.test_signing_keys import PAIRS, pem

pytestmark = pytest.mark.django_db

ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(autouse=True)
def _upgraded(settings):
    settings.REVOCATION = in_force()


def test_revoked_in_one_encoding_is_revoked_in_all(graphql, alice):
    token = access_token(alice)
    assert graphql.bearing(f"{token}=")(ME).data

    graphql.bearing(token)(LOGOUT)

    assert graphql.bearing(f"{token}=")(ME).reason == "TOKEN_REVOKED"
    assert Session.objects.count() == 1


def test_the_other_signature_of_an_elliptic_curve(graphql, alice, settings):
    settings.GRAPHQL_JWT = PAIRS["ES256"]
    token = access_token(alice)
    message, _, signature = token.rpartition(".")
    raw = urlsafe_b64decode(signature + "==")
    mirrored = ORDER_OF_P256 - int.from_bytes(raw[32:], "big")
    other = urlsafe_b64encode(raw[:32] + mirrored.to_bytes(32, "big")).decode().rstrip("=")
    twin = graphql.bearing(f"{message}.{other}")
    assert twin(ME).data

    graphql.bearing(token)(LOGOUT)

    assert twin(ME).reason == "TOKEN_REVOKED"


def test_a_public_key_is_no_secret(graphql, alice, settings):
    """Signed with the public key as if that were a shared secret, a token proves nothing."""
    settings.GRAPHQL_JWT = {
        "JWT_ALGORITHM": "ES256",
        **pem(ec.generate_private_key(ec.SECP256R1())),
    }
    key = settings.GRAPHQL_JWT["JWT_PUBLIC_KEY"].encode()
    payload = access_token(alice).split(".")[1]
    header = urlsafe_b64encode(b'{"typ":"JWT","alg":"HS256"}').decode().rstrip("=")
    signature = hmac.digest(key, f"{header}.{payload}".encode(), "sha256")
    text = f"{header}.{payload}.{urlsafe_b64encode(signature).decode().rstrip('=')}"

    assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"
