"""What every private server has: a folder, a port of its own, and an end."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import psutil

from tests.servers import keeper
from tests.waiting import PATIENCE_SECONDS

# Below those that the system gives to outgoing connections, which could take the port of a server
# that is stopped.
PORTS = range(20_000, 30_000)
# Who runs servers that refuse to be run by root.
NOBODY = "nobody"


class Server(ABC):
    """A server of this machine's own, on loopback, in a temporary folder.

    Runs inside the context; gone when it ends, or when this process dies. `stop`, `start`,
    `restart`, `kill`, `freeze` and `thaw` keep the port and the data.
    """

    stop_signal = signal.SIGTERM
    refuses_root = False

    def __init__(self) -> None:
        self.port = 0
        self.pid = 0
        self._open = ExitStack()
        self._keeper: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        name = type(self).__name__
        folder = self._open.enter_context(
            # A database may still be removing files of its own.
            TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True)
        )
        self.folder = Path(folder)
        self.user = NOBODY if self.refuses_root and os.geteuid() == 0 else ""
        if self.user:
            shutil.chown(self.folder, self.user)
        self._open.callback(self.kill)
        try:
            self.port = free_port()
            self.prepare()
            self.start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @abstractmethod
    def prepare(self) -> None:
        """Make what the server needs before its first start."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what starts the server in the foreground."""

    @abstractmethod
    def is_answering(self) -> bool:
        """Whether it does what it is for."""

    def start(self) -> None:
        """Start, and return once it answers."""
        parent, folder = str(os.getpid()), str(self.folder)
        with (self.folder / "log").open("ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, keeper.__file__, parent, folder, self.user, *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                # Ctrl-C at a terminal is for the tests, which then end their servers.
                start_new_session=True,
            )
        assert self._keeper.stdout is not None
        with self._keeper.stdout as printed:
            self.pid = int(printed.readline() or 0)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.is_answering():
            assert self.is_running(), self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop as an operator does; whatever outlives that is killed."""
        if self._keeper is not None and self.is_running():
            os.kill(self.pid, self.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self._keeper.wait(PATIENCE_SECONDS)
        self.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        """Kill all of it at once, as a crash does."""
        if self._keeper is not None:
            keeper.kill_all_of(self.pid)
            self._keeper.wait()
            self._keeper = None

    def freeze(self) -> None:
        """Let it hold its connections and do nothing until `thaw`, like a machine that hangs."""
        self._each(psutil.Process.suspend)

    def thaw(self) -> None:
        self._each(psutil.Process.resume)

    def is_running(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    def log(self) -> str:
        """Return what it has printed and logged."""
        return (self.folder / "log").read_text(errors="replace")

    def _each(self, act: Callable[[psutil.Process], object]) -> None:
        for process in keeper.family(self.pid):
            # A parent that goes on buries those of its children that have ended.
            with suppress(psutil.NoSuchProcess):
                act(process)

    def run(self, *command: str) -> None:
        """Run a tool as the user the server will be."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **keeper.identity(self.user),
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def free_port() -> int:
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket() as candidate, suppress(OSError):
            candidate.bind(("127.0.0.1", port))
            return port


def in_wheel(package: str, *path: str) -> Path | None:
    """Return the folder of an installed package, or something in it, without importing it."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(folder, *path)
        if found.exists():
            return found
    return None
