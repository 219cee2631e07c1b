"""Tests for a copy of the example that mounts `logout`."""

from django.contrib.auth import get_user_model
from django.test import Client, TestCase
from graphql_jwt.shortcuts import get_token

ME = "{ me { username } }"
REFRESH = 'mutation { refreshToken(token: "%s") { token } }'


class LoggedOutTests(TestCase):
    def setUp(self):
        self.token = get_token(get_user_model().objects.create_user("ada"))

    def ask(self, query, token):
        return (
            Client()
            .post(
                "/graphql",
                {"query": query},
                content_type="application/json",
                headers={"Authorization": f"JWT {token}"},
            )
            .json()
        )

    def test_a_logout_ends_every_token_of_the_session(self):
        newer = self.ask(REFRESH % self.token, self.token)["data"]["refreshToken"]["token"]

        answer = self.ask("mutation { logout { ok } }", self.token)

        assert answer == {"data": {"logout": {"ok": True}}}
        for token in (self.token, newer):
            answer = self.ask(ME, token)
            assert answer["data"] == {"me": None}
            assert answer["errors"][0]["extensions"]["reason"] == "TOKEN_REVOKED"

    def test_a_second_logout_is_one_as_well(self):
        for _ in range(2):
            answer = self.ask("mutation { logout { ok } }", self.token)
            assert answer == {"data": {"logout": {"ok": True}}}
