"""Tests for a copy of the example: a token that was revoked is refused, whoever asks for it."""

from django.contrib.auth import get_user_model
from django.test import Client
from graphql_jwt.testcases import JSONWebTokenTestCase

from revocation import sessions
from revocation.tokens import read_access

ME = "{ me { username } }"
REVOKED = "Token has been revoked"


class RevokedTests(JSONWebTokenTestCase):
    def setUp(self):
        self.client.authenticate(get_user_model().objects.create_user("ada", is_staff=True))
        [self.header] = self.client._credentials.values()
        assert self.client.execute(ME).data == {"me": {"username": "ada"}}
        sessions.end(read_access(self.header.split()[1]))

    def test_by_every_protected_field(self):
        for query in (ME, "{ readers { username } }"):
            result = self.client.execute(query)
            assert [error.message for error in result.errors] == [REVOKED]
            assert set(result.data.values()) == {None}

    def test_by_verify_and_refresh(self):
        token = self.header.split()[1]
        for field in ("verifyToken", "refreshToken"):
            result = self.client.execute(f'mutation {{ {field}(token: "{token}") {{ payload }} }}')
            assert [error.message for error in result.errors] == [REVOKED]

    def test_over_http(self):
        answer = Client().post(
            "/graphql",
            {"query": ME},
            content_type="application/json",
            headers={"Authorization": self.header},
        )

        assert answer.json()["data"] == {"me": None}
        assert answer.json()["errors"][0]["message"] == REVOKED
