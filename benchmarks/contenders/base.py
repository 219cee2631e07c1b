"""The interface of a contender: how it is set up, how one signs in to it, and what it promises."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from .. import stage
from ..http import Application, Environ, ask, post
from ..work import Work

SIGN_IN = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token }
}"""


class Contender(ABC):
    """One way to answer a protected GraphQL request.

    Its methods are called with `settings` in force.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    # Whether it asks who one is at all, and whether a token can be taken back.
    is_protecting: ClassVar[bool] = True
    is_revoking: ClassVar[bool] = False

    path: ClassVar[str] = "/graphql"
    scheme: ClassVar[str] = "Bearer"

    # Django settings that differ from those in `benchmarks.settings`.
    settings: ClassVar[Mapping[str, Any]]

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
        """Return a new token for the user; by default, by django-graphql-jwt's mutation."""
        variables = {"username": stage.USERNAME, "password": stage.PASSWORD}
        body = json.dumps({"query": SIGN_IN, "variables": variables}).encode()
        return ask(application, self.environ(body)).json["data"]["tokenAuth"]["token"]

    def revoke(self, application: Application, token: str) -> None:
        """Take a token back, as this contender's users log out."""
        raise NotImplementedError

    def environ(self, body: bytes, token: str = "") -> Environ:
        """Return a request; without a token, one without credentials."""
        return post(self.path, body, authorization=f"{self.scheme} {token}" if token else "")

    def request(self, work: Work, token: str = "") -> Environ:
        """Return the request for a piece of work."""
        return self.environ(work.body, token)
