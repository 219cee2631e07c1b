"""Sends operations for one client and records each: call, return, and what came of it."""

import time
from pathlib import Path
from random import Random
from typing import Any

from .history import Operation
from .operations import DOCUMENTS, access_token, read, refresh_token
from .wallet import Pair
from .wire import Wire


class Recorder:
    """Writes a line for each operation once it is over, before anybody can act on it."""

    def __init__(self, path: Path, wire: Wire, *, client: int, random: Random) -> None:
        self._file = path.open("w", buffering=1)
        self._wire = wire
        self._client = client
        self._random = random

    def send(
        self,
        kind: str,
        variables: dict[str, Any],
        *,
        account: str,
        bearer: Pair | None = None,
        given: Pair | None = None,
        **details: Any,
    ) -> tuple[Operation, Pair | None]:
        """Carry out one operation; return it, and the tokens that came back.

        `bearer` has the access token to present, `given` the refresh token in the variables.
        """
        body = {"query": DOCUMENTS[kind], "variables": variables}
        headers = self._headers(bearer)
        called = time.monotonic()
        reply = self._wire.post(body, headers)
        returned = time.monotonic()
        outcome, message, answer = read(reply)
        pair = _pair_in(answer, account)
        operation = Operation(
            client=self._client,
            kind=kind,
            called=called,
            returned=returned,
            outcome=outcome,
            message=message,
            worker=reply.worker,
            account=account,
            access=access_token(bearer.access) if bearer else None,
            refresh=refresh_token(given.refresh) if given else None,
            new_access=access_token(pair.access) if pair else None,
            new_refresh=refresh_token(pair.refresh) if pair else None,
            username=_username_in(answer),
            listed=tuple(one["id"] for one in answer) if isinstance(answer, list) else (),
            **details,
        )
        self._file.write(operation.as_line() + "\n")
        return operation, pair

    def _headers(self, bearer: Pair | None) -> dict[str, str]:
        # Each from an address of its own, so that wrong passwords are never too many of one.
        address = ".".join(str(self._random.randrange(1, 255)) for _ in range(4))
        authorization = {"Authorization": f"Bearer {bearer.access}"} if bearer else {}
        return {"X-Forwarded-For": address, **authorization}


def _pair_in(answer: Any, account: str) -> Pair | None:
    if isinstance(answer, dict) and "refreshToken" in answer:
        return Pair(account, answer["token"], answer["refreshToken"])
    return None


def _username_in(answer: Any) -> str:
    if not isinstance(answer, dict):
        return ""
    username: str = answer.get("username") or answer.get("payload", {}).get("username", "")
    return username
