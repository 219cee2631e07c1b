"""`manage.py serve` as a child process that never outlives this one."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from api.management.commands.serve import STOP_SECONDS

ROOT = Path(__file__).resolve().parents[3]
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Api = subprocess.Popen[bytes]


@contextmanager
def running_api(port: int, **environ: str) -> Iterator[Api]:
    """Start it with these variables in its environment; stop it at the end, whatever happens."""
    api = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--prepare", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        # Ctrl-C reaches this process alone, which then stops the API once.
        start_new_session=True,
        # Safe while there are no threads yet.
        preexec_fn=_end_with_parent,  # noqa: PLW1509
    )
    try:
        yield api
    finally:
        _stop(api)


def wait_until_it_listens(api: Api, port: int) -> None:
    """Return once it answers on `port`, or has ended."""
    while api.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
    return None


def ending(api: Api) -> str:
    """Return in words how it ended."""
    if api.returncode < 0:
        return f"killed by {signal.Signals(-api.returncode).name}"
    return f"exit status {api.returncode}"


def _end_with_parent() -> None:
    # Only where the kernel offers it; elsewhere SIGKILL alone leaves the API behind.
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def _stop(api: Api) -> None:
    # A second Ctrl-C must not leave half of it running.
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    api.terminate()
    with suppress(subprocess.TimeoutExpired):
        api.wait(STOP_SECONDS + 5)
    with suppress(ProcessLookupError):
        os.killpg(api.pid, signal.SIGKILL)
    api.wait()
