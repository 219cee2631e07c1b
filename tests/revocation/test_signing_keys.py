"""Keys may be rotated and may come in pairs; only those in the settings sign."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.exceptions import ImproperlyConfigured

from revocation import guard, sessions
from revocation.errors import RefreshInvalid, TokenInvalid
from revocation.keys import key_ring
from revocation.tokens import read_refresh
from tests.client import ME
from tests.revocation.forge import forge

pytestmark = pytest.mark.django_db

OLD, NEW = "the-old-secret-" * 4, "the-new-secret-" * 4


def pem(private_key):
    return {
        "JWT_PRIVATE_KEY": private_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
        "JWT_PUBLIC_KEY": private_key.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    }


MAKE = {
    "RS256": lambda: rsa.generate_private_key(65_537, 2048),
    "PS256": lambda: rsa.generate_private_key(65_537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
PAIRS = {alg: {"JWT_ALGORITHM": alg, **pem(make())} for alg, make in MAKE.items()}
OTHER_PAIRS = {alg: {"JWT_ALGORITHM": alg, **pem(make())} for alg, make in MAKE.items()}
KEYS = {
    "HS256": ({"JWT_SECRET_KEY": OLD}, {"JWT_SECRET_KEY": NEW}, OLD),
    **{alg: (PAIRS[alg], OTHER_PAIRS[alg], PAIRS[alg]["JWT_PUBLIC_KEY"]) for alg in MAKE},
}


@pytest.mark.parametrize(("old", "new", "previous"), KEYS.values(), ids=KEYS)
class TestRotation:
    @pytest.fixture
    def pair(self, alice, settings, old):
        settings.GRAPHQL_JWT = old
        return sessions.open_session(alice)

    def test_a_key_verifies_what_it_signed(self, alice, pair, old, new, previous):
        assert guard.judge(pair.access_token).user == alice
        assert read_refresh(pair.refresh_token).sub == str(alice.pk)

    def test_a_previous_key_keeps_everybody_signed_in(
        self, alice, pair, settings, old, new, previous
    ):
        settings.GRAPHQL_JWT, settings.REVOCATION = new, {"PREVIOUS_KEYS": [previous]}

        assert guard.judge(pair.access_token).user == alice
        successor = sessions.rotate(read_refresh(pair.refresh_token))
        assert guard.judge(successor.access_token).user == alice

    def test_a_key_that_was_removed_verifies_nothing(self, pair, settings, old, new, previous):
        settings.GRAPHQL_JWT, settings.REVOCATION = new, {"PREVIOUS_KEYS": [previous]}
        settings.REVOCATION = {}

        with pytest.raises(TokenInvalid):
            guard.judge(pair.access_token)
        with pytest.raises(RefreshInvalid):
            read_refresh(pair.refresh_token)

    def test_a_previous_key_signs_nothing(self, alice, pair, settings, old, new, previous):
        settings.GRAPHQL_JWT, settings.REVOCATION = new, {"PREVIOUS_KEYS": [previous]}
        newer = sessions.open_session(alice)
        settings.GRAPHQL_JWT, settings.REVOCATION = old, {}

        with pytest.raises(TokenInvalid):
            guard.judge(newer.access_token)

    def test_the_right_kid_does_not_help_another_key(self, pair, settings, old, new, previous):
        kid = key_ring().kid
        settings.GRAPHQL_JWT = new
        text = forge(pair.access_token, header={"kid": kid})
        settings.GRAPHQL_JWT = old

        with pytest.raises(TokenInvalid):
            guard.judge(text)


@pytest.mark.urls("tests.graphene_urls")
def test_a_token_of_a_removed_key_is_answered_with_its_code(graphql, alice, settings):
    settings.GRAPHQL_JWT = {"JWT_SECRET_KEY": OLD}
    tokens = graphql.sign_in()
    settings.GRAPHQL_JWT = {"JWT_SECRET_KEY": NEW}

    answer = graphql.bearing(tokens)(ME)

    assert (answer.status, answer.reason) == (200, "TOKEN_INVALID")
    assert graphql.try_refresh(tokens).reason == "REFRESH_INVALID"


@pytest.mark.parametrize("alg", PAIRS)
class TestConfusion:
    @pytest.fixture
    def token(self, alice, settings, alg):
        settings.GRAPHQL_JWT = PAIRS[alg]
        return sessions.open_session(alice).access_token

    @pytest.mark.parametrize("hmac", ["HS256", "HS384", "HS512"])
    @pytest.mark.parametrize("form", [str, str.strip, lambda text: text.replace("\n", "\r\n")])
    def test_the_public_key_is_no_shared_secret(self, token, alg, hmac, form):
        secret = form(PAIRS[alg]["JWT_PUBLIC_KEY"]).encode()

        with pytest.raises(TokenInvalid):
            guard.judge(forge(token, header={"alg": hmac}, key=secret, alg=hmac))

    def test_a_key_in_the_header_is_not_believed(self, token, alg):
        stranger = MAKE[alg]()
        text = forge(token, header={"jku": "https://evil.example", "jwk": {}}, key=stranger)

        with pytest.raises(TokenInvalid):
            guard.judge(text)


@pytest.mark.parametrize("alg", ["HS256", "RS256", "EdDSA"])
def test_the_successor_of_a_refresh_token_is_the_same_text_each_time(alice, settings, alg):
    settings.GRAPHQL_JWT = PAIRS.get(alg, {})
    claims = read_refresh(sessions.open_session(alice).refresh_token)

    texts = {sessions.rotate(claims).refresh_token for _ in range(3)}

    assert len(texts) == 1


def test_a_previous_key_outside_a_list_is_not_many_keys_of_one_letter(issued, settings):
    settings.REVOCATION = {"PREVIOUS_KEYS": "a shared secret, but not in a list"}

    with pytest.raises(ImproperlyConfigured, match="PREVIOUS_KEYS"):
        guard.judge(forge(issued.access_token, key=b"a"))
