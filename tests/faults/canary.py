"""Somebody with a good token who asks each server all the time, and tries everything afterwards."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Self

from tests.client import PASSWORD
from tests.consistency.history import DATA
from tests.consistency.operations import DOCUMENTS, read
from tests.consistency.wire import Wire

PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """To the question who the holder of a good token is."""

    called: float
    returned: float
    outcome: str

    @property
    def seconds(self) -> float:
        return self.returned - self.called


class Visitor:
    """Sends one operation after another to one server."""

    def __init__(self, url: str, account: str) -> None:
        self._account = account
        self._wire = Wire([url], patience=PATIENCE_SECONDS, random=Random(account))
        self.access = self.refresh = ""

    def use(self, url: str) -> None:
        self._wire.use([url])

    def close(self) -> None:
        self._wire.use([])

    def ask(self, kind: str, **variables: Any) -> str:
        """Return the outcome; tokens that come back are kept."""
        headers = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        reply = self._wire.post({"query": DOCUMENTS[kind], "variables": variables}, headers)
        outcome, _, answer = read(reply)
        if outcome == DATA and "refreshToken" in answer:
            self.access, self.refresh = answer["token"], answer["refreshToken"]
        return outcome

    def sign_in(self) -> str:
        self.access = ""
        return self.ask("tokenAuth", username=self._account, password=PASSWORD)

    def go_round(self) -> bool:
        """Whether a session can be opened, used, prolonged and ended, and has then ended."""
        return (
            self.sign_in() == DATA
            and self.ask("me") == DATA
            and self.ask("refreshToken", token=self.refresh) == DATA
            and self.ask("logout") == DATA
            and self.ask("me") == "TOKEN_REVOKED"
        )


class Canary:
    """Asks `me` with a good token, of every server in turn, until the context ends."""

    def __init__(self, urls: Sequence[str], account: str) -> None:
        self._visitors = [Visitor(url, account) for url in urls]
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._moved_to: Sequence[str] = ()
        self._has_moved = threading.Event()
        self.answers: list[Answer] = []

    def __enter__(self) -> Self:
        first = self._visitors[0]
        assert first.sign_in() == DATA
        for visitor in self._visitors:
            visitor.access = first.access
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        for visitor in self._visitors:
            visitor.close()

    def use(self, urls: Sequence[str]) -> None:
        """Ask these servers from now on; return when no other is asked any more."""
        self._has_moved.clear()
        self._moved_to = urls
        assert self._has_moved.wait(PATIENCE_SECONDS)

    def between(self, begin: float, end: float) -> list[Answer]:
        """Return what was asked in this time."""
        return [answer for answer in self.answers if begin <= answer.called <= end]

    def _run(self) -> None:
        while not self._is_over.wait(PAUSE_SECONDS):
            if self._moved_to:
                self._move()
            for visitor in self._visitors:
                called = time.monotonic()
                outcome = visitor.ask("me")
                self.answers.append(Answer(called, time.monotonic(), outcome))

    def _move(self) -> None:
        for visitor, url in zip(self._visitors, self._moved_to, strict=True):
            visitor.use(url)
        self._moved_to = ()
        self._has_moved.set()
