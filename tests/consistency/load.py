"""Starts the clients, lets them act against running servers, and gathers what they recorded."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.client import PASSWORD
from tests.live import PATIENCE_SECONDS, ROOT

from .history import History, Mark, Setting, history_of, read_operations

# Beyond a request's own patience: what a process needs to leave on a busy machine.
LEAVING_SECONDS = 30


class ClientDied(Exception):
    """A client ended before its time: its last act is in no record, and may explain anything."""


class Load:
    """Client processes that act at random until the context ends; then `history` is whole.

    `urls` are the servers over one database, whose users `accounts` all have the password of
    `tests.client`. A request without an answer after `patience` seconds is given up.
    """

    def __init__(
        self,
        urls: Sequence[str],
        accounts: Sequence[str],
        setting: Setting,
        *,
        patience: float = 30,
    ) -> None:
        self._urls = list(urls)
        self._accounts = list(accounts)
        self._setting = replace(setting, epoch=time.time() - time.monotonic())
        self._patience = patience
        self._marks: list[Mark] = []
        self._clients: list[subprocess.Popen[str]] = []
        self._open = ExitStack()
        self.history: History | None = None

    def __enter__(self) -> "Load":
        self._folder = Path(self._open.enter_context(TemporaryDirectory(prefix="load-")))
        self._open.callback(self._kill)
        try:
            for number in range(self._setting.clients):
                self._clients.append(self._start(number))
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._open:
            if kind is None:
                self._dismiss()
                self.history = self._gathered()

    def run(self, seconds: float, *, operations: int = 0) -> None:
        """Let the clients act for so long, and longer until so many operations were recorded.

        Raises `ClientDied`.
        """
        begun = time.monotonic()
        while time.monotonic() < begun + seconds or self.count() < operations:
            self._ensure_alive()
            assert time.monotonic() < begun + seconds + 4 * PATIENCE_SECONDS, self.count()
            with suppress(subprocess.TimeoutExpired):
                self._clients[0].wait(0.1)
        self._ensure_alive()

    def use(self, urls: Sequence[str]) -> None:
        """Send the clients to other servers, from their next operation on."""
        for client in self._clients:
            self._order(client, {"urls": list(urls)})

    def mark(self, text: str) -> float:
        """Note in the history that something happens now; return the moment."""
        self._marks.append(Mark(time.monotonic(), text))
        return self._marks[-1].at

    def count(self, text: str = "\n") -> int:
        """Return how many operations were recorded so far, or how often this is in the records."""
        return sum(path.read_bytes().count(text.encode()) for path in self._records())

    def _start(self, number: int) -> subprocess.Popen[str]:
        client = subprocess.Popen(
            [sys.executable, "-m", "tests.consistency.client"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        orders = {
            "number": number,
            "clients": self._setting.clients,
            "seed": self._setting.seed,
            "folder": str(self._folder),
            "accounts": self._accounts,
            "password": PASSWORD,
            "urls": self._urls,
            "patience": self._patience,
        }
        self._order(client, orders)
        return client

    @staticmethod
    def _order(client: subprocess.Popen[str], orders: dict[str, Any]) -> None:
        assert client.stdin is not None
        client.stdin.write(json.dumps(orders) + "\n")
        client.stdin.flush()

    def _ensure_alive(self) -> None:
        for number, client in enumerate(self._clients):
            if client.poll() is not None:
                raise ClientDied(f"Client {number} ended with {client.returncode}.")

    def _dismiss(self) -> None:
        """Let each client finish its operation and leave."""
        self._ensure_alive()
        for client in self._clients:
            assert client.stdin is not None
            client.stdin.close()
        for number, client in enumerate(self._clients):
            if client.wait(self._patience * 2 + LEAVING_SECONDS):
                raise ClientDied(f"Client {number} ended with {client.returncode}.")

    def _kill(self) -> None:
        for client in self._clients:
            client.kill()
            client.wait()
            assert client.stdin is not None
            with suppress(OSError):
                client.stdin.close()

    def _records(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"))

    def _gathered(self) -> History:
        operations = [one for path in self._records() for one in read_operations(path)]
        return history_of(self._setting, operations, self._marks)
