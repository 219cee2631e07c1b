"""A GraphQL client over Django's test client, for tests that need no second process."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.test import Client

PASSWORD = "correct horse battery staple"

SIGN_IN = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token refreshToken payload }
}"""
REFRESH = "mutation ($token: String) { refreshToken(refreshToken: $token) { token refreshToken } }"
ME = "{ me { username } }"
LOGOUT = "mutation { logout { ok } }"


@dataclass(frozen=True)
class Answer:
    """What came back: HTTP status, headers and the parsed body."""

    status: int
    headers: Any
    body: Any

    @property
    def data(self) -> Any:
        assert "errors" not in self.body, self.body
        return self.body["data"]

    @property
    def reasons(self) -> list[str]:
        """The reason of each error, or its code where it has none."""
        extensions = [error["extensions"] for error in self.body.get("errors", [])]
        return [entry.get("reason", entry["code"]) for entry in extensions]

    @property
    def reason(self) -> str:
        """The reason of the only error."""
        [reason] = self.reasons
        return reason


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphQLClient:
    http: Client
    headers: dict[str, str] = field(default_factory=dict)

    def bearing(self, token: str | Tokens) -> "GraphQLClient":
        """Return the same client with an access token."""
        text = token.access if isinstance(token, Tokens) else token
        return replace(self, headers={**self.headers, "Authorization": f"Bearer {text}"})

    def __call__(self, query: str, **variables: Any) -> Answer:
        return self.post({"query": query, "variables": variables})

    def post(self, body: Any) -> Answer:
        response = self.http.post(
            "/graphql", body, content_type="application/json", headers=self.headers
        )
        return Answer(response.status_code, response.headers, response.json())

    def sign_in(self, username: str = "alice", password: str = PASSWORD) -> Tokens:
        payload = self(SIGN_IN, username=username, password=password).data["tokenAuth"]
        return Tokens(payload["token"], payload["refreshToken"], payload["payload"])

    def refresh(self, token: str | Tokens) -> Tokens:
        payload = self.try_refresh(token).data["refreshToken"]
        return Tokens(payload["token"], payload["refreshToken"])

    def try_refresh(self, token: str | Tokens) -> Answer:
        return self(REFRESH, token=token.refresh if isinstance(token, Tokens) else token)
