"""HTTP for a client whose servers may die, hang, or come back under another address."""

import json
import select
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any
from urllib.parse import urlsplit

# The kernel deals connections out to the workers: so many to a server meet several of them.
CONNECTIONS_PER_SERVER = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request: `status` is 0 when nothing came back, `body` None when no JSON."""

    was_sent: bool
    status: int = 0
    body: Any = None
    text: str = ""
    worker: str = ""


class Wire:
    """Sends each request once, over any of its kept connections; never raises for the network."""

    def __init__(self, urls: Sequence[str], *, patience: float, random: Random) -> None:
        self._patience = patience
        self._random = random
        self._connections: list[HTTPConnection] = []
        self.use(urls)

    def use(self, urls: Sequence[str]) -> None:
        """Speak to these servers from now on."""
        for connection in self._connections:
            connection.close()
        addresses = [urlsplit(url) for url in urls for _ in range(CONNECTIONS_PER_SERVER)]
        self._connections = [
            HTTPConnection(address.hostname or "", address.port, timeout=self._patience)
            for address in addresses
        ]

    def post(self, body: Any, headers: Mapping[str, str]) -> Reply:
        """Send JSON to `/graphql` and return what came of it."""
        connection = self._random.choice(self._connections)
        try:
            _ensure_open(connection)
        except OSError:
            connection.close()
            return Reply(was_sent=False)
        try:
            return _exchange(connection, json.dumps(body).encode(), headers)
        except (OSError, HTTPException):
            connection.close()
            return Reply(was_sent=True)


def _ensure_open(connection: HTTPConnection) -> None:
    """Connect if need be: what the server has hung up on meanwhile would only lose a request."""
    if connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
        connection.close()
    if connection.sock is None:
        connection.connect()


def _exchange(connection: HTTPConnection, body: bytes, headers: Mapping[str, str]) -> Reply:
    connection.request("POST", "/graphql", body, {**headers, "Content-Type": "application/json"})
    with connection.getresponse() as response:
        content = response.read()
    try:
        parsed = json.loads(content)
    except ValueError:
        parsed = None
    return Reply(
        was_sent=True,
        status=response.status,
        body=parsed,
        text=content[:300].decode(errors="replace"),
        worker=response.headers.get("X-Worker", ""),
    )
