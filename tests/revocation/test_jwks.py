"""Other services verify our tokens by the keys we publish, and by those alone."""

import jwt
import pytest

from revocation import sessions
from revocation.keys import key_ring
from tests.revocation.test_signing_keys import OLD, OTHER_PAIRS, PAIRS

URL = "/.well-known/jwks.json"

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(client):
    def read():
        return jwt.PyJWKSet.from_dict(client.get(URL).json())

    return read


@pytest.mark.parametrize("alg", PAIRS)
class TestKeyPairs:
    def test_verify_a_token_by_its_kid_alone(self, published, alice, settings, alg):
        settings.GRAPHQL_JWT = PAIRS[alg]
        token = sessions.open_session(alice).access_token

        keys = published()
        key = keys[jwt.get_unverified_header(token)["kid"]]
        assert jwt.decode(token, key, algorithms=[key.algorithm_name])["sub"] == str(alice.pk)

    def test_are_published_for_as_long_as_they_verify(self, published, settings, alg):
        settings.GRAPHQL_JWT = OTHER_PAIRS[alg]
        settings.REVOCATION = {"PREVIOUS_KEYS": [PAIRS[alg]["JWT_PUBLIC_KEY"]]}

        keys = published()
        assert [key.key_id for key in keys.keys] == list(key_ring().verifying)
        assert keys.keys[0].key_id == key_ring().kid
        assert len(keys.keys) == 2

    def test_have_no_private_part(self, client, settings, alg):
        settings.GRAPHQL_JWT = PAIRS[alg]

        [key] = client.get(URL).json()["keys"]
        assert not key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"}
        # Not beside `use` (RFC 7517, 4.3).
        assert "key_ops" not in key
        assert (key["use"], key["alg"]) == ("sig", alg)


def test_a_shared_secret_is_never_published(client, settings):
    settings.GRAPHQL_JWT = {"JWT_SECRET_KEY": OLD}

    response = client.get(URL)

    assert response.json() == {"keys": []}
    assert OLD.encode() not in response.content


def test_anybody_may_keep_the_keys_for_five_minutes(client):
    response = client.get(URL)

    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Content-Type"] == "application/jwk-set+json"


@pytest.mark.parametrize("alg", PAIRS)
def test_whoever_has_them_is_told_that_they_are_the_same(client, settings, alg):
    settings.GRAPHQL_JWT = PAIRS[alg]
    etag = client.get(URL).headers["ETag"]
    again = client.get(URL, headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=300"
    assert again.headers["ETag"] == etag


def test_whoever_has_others_is_given_these(client, settings):
    settings.GRAPHQL_JWT = PAIRS["EdDSA"]
    etag = client.get(URL).headers["ETag"]
    settings.REVOCATION = {"PREVIOUS_KEYS": [OTHER_PAIRS["EdDSA"]["JWT_PUBLIC_KEY"]]}
    again = client.get(URL, headers={"If-None-Match": etag})

    assert (again.status_code, len(again.json()["keys"])) == (200, 2)


def test_the_same_key_for_another_algorithm_is_not_the_same(client, settings):
    settings.GRAPHQL_JWT = PAIRS["RS256"]
    etag = client.get(URL).headers["ETag"]
    settings.GRAPHQL_JWT = PAIRS["RS256"] | {"JWT_ALGORITHM": "PS256"}
    again = client.get(URL, headers={"If-None-Match": etag})

    assert [key["alg"] for key in again.json()["keys"]] == ["PS256"]


def test_keys_are_read_and_not_written(client):
    assert client.post(URL).status_code == 405
