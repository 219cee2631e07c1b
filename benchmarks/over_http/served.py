"""The interface of a contender behind a port: how it is started, asked, signed in to and out of."""

import json
import shutil
from abc import abstractmethod
from http.client import HTTPException
from typing import ClassVar

from tests.servers.process import Server
from tests.wire import Http

from .. import stage
from ..http import ACCEPT, Answer

SIGN_IN = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token }
}"""
LOGOUT = "mutation { logout { ok } }"
# Answered by whatever serves GraphQL, and by the floor.
ANYBODY = "{ __typename }"


class Served(Server):
    """A contender on a free port of this machine, with worker processes, gone with its context."""

    name: ClassVar[str]
    summary: ClassVar[str]
    # Whether it asks who one is at all, and whether a token can be taken back.
    is_protecting: ClassVar[bool] = True
    is_revoking: ClassVar[bool] = False

    scheme: ClassVar[str] = "Bearer"

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

    @staticmethod
    def missing() -> str:
        """Return what to install before it can be started; nothing if all is there."""
        return ""

    def prepare(self) -> None:
        """Make nothing."""

    def backing(self) -> list[Server]:
        """Return the servers it asks."""
        return []

    def sign_in(self) -> str:
        """Return a new token for the user."""
        answer = self.ask(SIGN_IN, username=stage.USERNAME, password=stage.PASSWORD)
        return str(answer.json["data"]["tokenAuth"]["token"])

    def revoke(self, token: str) -> None:
        """Take a token back, as this contender's users log out."""
        answer = self.ask(LOGOUT, token)
        assert answer.json == {"data": {"logout": {"ok": True}}}, answer

    # What all have.

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self.port}/graphql"

    def ask(self, query: str, token: str = "", **variables: str) -> Answer:
        """Send one request over a connection of its own, to whichever worker takes it."""
        body = {"query": query, "variables": variables} if variables else {"query": query}
        return self.post(json.dumps(body).encode(), token)

    def post(self, body: bytes, token: str = "") -> Answer:
        """Send this body over a connection of its own."""
        http = Http(self.port, keep_alive=False)
        got = http.send("POST", "/graphql", body, self.headers(token))
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
        """Whether one worker at least serves."""
        try:
            return self.ask(ANYBODY).status == 200
        except (OSError, HTTPException):
            return False
