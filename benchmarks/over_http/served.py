"""The interface of a contender behind a port: how it is started, asked, signed in to and out of."""

import shutil
from abc import abstractmethod
from http.client import HTTPException
from typing import ClassVar

from tests.servers.process import Server
from tests.wire import Http

from .. import mutations, stage, tokens
from ..contenders.base import Tokens, graphql_body
from ..http import ACCEPT, Answer

QUERIES = frozenset({"me", "books", "aliases"})

# Answered by whatever serves GraphQL, and by the floor.
ANYBODY = "{ __typename }"


class Served(Server):
    """A contender on a free port of this machine, with worker processes, gone with its context."""

    name: ClassVar[str]
    summary: ClassVar[str]
    # Whether it asks who one is at all, and whether a token can be taken back.
    is_protecting: ClassVar[bool] = True
    is_revoking: ClassVar[bool] = False
    # The names of the tasks it takes part in, and whether at each number of connections.
    does: ClassVar[frozenset[str]] = frozenset({"me"})
    is_in_full: ClassVar[bool] = False

    # Caches fill, and databases are connected to. Whoever is not warm after that never will be.
    warm_up_seconds: ClassVar[int] = 2

    scheme: ClassVar[str] = "Bearer"
    sign_in_query: ClassVar[str] = mutations.SIGN_IN
    refresh_query: ClassVar[str] = mutations.REFRESH
    logout_query: ClassVar[str] = mutations.LOGOUT

    def __init__(self, *, workers: int) -> None:
        super().__init__()
        self._workers = workers

    # What a child must implement.

    @abstractmethod
    def program(self) -> list[str]:
        """Return what serves `POST /graphql` on `self.port`, in the foreground."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return all the variables it sees."""

    # What a child may change.

    @classmethod
    def missing(cls) -> str:
        """Return what to install before it can be started; nothing if all is there."""
        return ""

    def prepare(self) -> None:
        """Make nothing."""

    def backing(self) -> list[Server]:
        """Return the servers it asks."""
        return []

    def sign_in(self) -> Tokens:
        """Return new tokens for the user; where one serves for access and refresh, it is both."""
        found = tokens.pair_in(self.post(self.sign_in_body()).body)
        assert found, f"{self.name} brings no token at a sign-in"
        return found

    def sign_in_body(self) -> bytes:
        """Return what is posted to sign the user in."""
        variables = {"username": stage.USERNAME, "password": stage.PASSWORD}
        return graphql_body(self.sign_in_query, **variables)

    def revoke(self, token: str) -> None:
        """Take a token back, as this contender's users log out."""
        answer = self.post(graphql_body(self.logout_query), token)
        assert answer.json == {"data": {"logout": {"ok": True}}}, answer

    # What all have.

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def post(self, body: bytes, token: str = "", *, path: str = "/graphql") -> Answer:
        """Send this over a connection of its own, to whichever worker takes it."""
        http = Http(self.port, keep_alive=False)
        got = http.send("POST", path, body, self.headers(token))
        return Answer(got.status_code, dict(got.headers), got.content)

    def headers(self, token: str = "") -> dict[str, str]:
        """Return what a client sends; without a token, without credentials."""
        credentials = {"Authorization": f"{self.scheme} {token}"} if token else {}
        return {"Content-Type": "application/json", "Accept": ACCEPT, **credentials}

    def command(self) -> list[str]:
        """Start the program with its own variables and no others."""
        env = shutil.which("env")
        assert env
        variables = [f"{name}={value}" for name, value in self.environment().items()]
        return [env, "-i", *variables, *self.program()]

    def is_answering(self) -> bool:
        """Whether one worker at least serves, if only to refuse who is nobody."""
        try:
            return self.post(graphql_body(ANYBODY)).status in {200, 401}
        except (OSError, HTTPException):
            return False
