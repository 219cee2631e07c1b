"""The interface of a contender: how it is set up, how one signs in to it, and what it promises."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from .. import mutations, stage
from ..http import Answer, Application, Environ, ask, post
from ..tokens import Tokens
from ..work import Work

QUERIES = frozenset({"me", "books", "open books", "aliases"})
VERBS = frozenset({"sign-in", "refresh", "logout"})


class Contender(ABC):
    """One way to answer a protected GraphQL request.

    Its methods are called with `settings` in force.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    # Whether it asks who one is at all, and whether an access token can be taken back.
    is_protecting: ClassVar[bool] = True
    is_revoking: ClassVar[bool] = False
    # Whether nothing new is to be had by the refresh token of whoever logged out.
    is_ending_sessions: ClassVar[bool] = True
    # The names of the works it takes part in.
    does: ClassVar[frozenset[str]] = frozenset({"me"})

    path: ClassVar[str] = "/graphql"
    scheme: ClassVar[str] = "Bearer"

    # Django settings that differ from those in `benchmarks.settings`.
    settings: ClassVar[Mapping[str, Any]]

    # Mutations, and where in their answers the tokens stand. By default django-graphql-jwt's, where
    # one token serves for both.
    sign_in_query: ClassVar[str] = mutations.SIGN_IN
    refresh_query: ClassVar[str] = mutations.REFRESH
    logout_query: ClassVar[str] = mutations.LOGOUT
    access_at: ClassVar[tuple[str, ...]] = ("token",)
    refresh_at: ClassVar[tuple[str, ...]] = ("token",)
    logged_out_at: ClassVar[tuple[str, ...]] = ("ok",)

    # What a child must implement.

    @abstractmethod
    def expired_token(self, user: Any) -> str:
        """Return a well-signed token whose time is over."""

    @abstractmethod
    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """Raise `AssertionError` unless its own set-up, and no other, answered with `headers`."""

    # What a child may change.

    def build(self) -> Application:
        """Return the WSGI application, and create what it needs in the database."""
        from django.core.handlers.wsgi import WSGIHandler

        return WSGIHandler()

    def sign_in(self, application: Application, user: Any) -> str:
        """Return a new token for the user; by default, by signing in as clients do."""
        return self.tokens(application).access

    def revoke(self, application: Application, token: str) -> None:
        """Take a token back, as this contender's users log out."""
        raise NotImplementedError

    def request(self, work: Work, token: str = "") -> Environ:
        """Return the request for a query."""
        return self.environ(work.body, token)

    def sign_in_request(self) -> Environ:
        """Return what signs the user in."""
        variables = {"username": stage.USERNAME, "password": stage.PASSWORD}
        return self.environ(graphql_body(self.sign_in_query, **variables))

    def refresh_request(self, tokens: Tokens) -> Environ:
        """Return what brings a new access token; nobody is asked for the old one."""
        return self.environ(graphql_body(self.refresh_query, token=tokens.refresh))

    def logout_request(self, tokens: Tokens) -> Environ:
        """Return what logs out."""
        return self.environ(graphql_body(self.logout_query), tokens.access)

    def tokens_of(self, answer: Answer) -> Tokens:
        """Return the tokens in the answer to a sign-in or a refresh; empty where there are none."""
        return Tokens(_in(answer, self.access_at) or "", _in(answer, self.refresh_at) or "")

    def is_logged_out(self, answer: Answer) -> bool:
        """Whether an answer says that one is logged out."""
        return bool(_in(answer, self.logged_out_at))

    # What all have.

    def environ(self, body: bytes, token: str = "") -> Environ:
        """Return a request; without a token, one without credentials."""
        return self.post(self.path, body, token)

    def post(self, path: str, body: bytes, token: str = "") -> Environ:
        """Return a request to a path of its own."""
        return post(path, body, authorization=f"{self.scheme} {token}" if token else "")

    def tokens(self, application: Application) -> Tokens:
        """Sign the user in."""
        answer = ask(application, self.sign_in_request())
        found = self.tokens_of(answer)
        assert found.access, f"{self.name} answers a sign-in with {answer}"
        return found


def graphql_body(query: str, **variables: str) -> bytes:
    """Return an operation as a GraphQL client posts it."""
    return json.dumps({"query": query, "variables": variables}).encode()


def _in(answer: Answer, path: tuple[str, ...]) -> Any:
    """Return what stands at a path below the one root field."""
    [field] = answer.at("data") or [""]
    return answer.at("data", field, *path)
