"""What set-up is made of: named steps, each one line on the screen, run by one process at a time.

A step that fails ends the set-up with a sentence that says what to do, never with a traceback.
"""

import contextlib
import fcntl
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class StepFailed(Exception):
    """A step could not be done. The message says what to do; `output` is what the tool printed."""

    def __init__(self, message: str, *, output: str = "") -> None:
        super().__init__(message)
        self.output = output


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Wait for another set-up in this folder, so that two starts at once do not mix."""
    # The folder itself is the lock: nothing to clean up, and the kernel frees it if we are killed.
    folder = os.open(ROOT, os.O_RDONLY)
    # Inherited by pip and npm: should we be killed alone, the next set-up waits until they end.
    os.set_inheritable(folder, True)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up in this folder to finish.", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    print(f"{title} ...", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" done in {time.monotonic() - started:.0f} s", flush=True)


def run(
    command: Sequence[str | Path],
    *,
    advice: str,
    cwd: Path = ROOT,
) -> str:
    """Return what `command` printed; raise `StepFailed` with `advice` when it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            close_fds=False,
            check=False,
        )
    except OSError as error:
        raise StepFailed(f"{command[0]} cannot be run ({error.strerror}). {advice}") from error
    if done.returncode:
        raise StepFailed(advice, output=done.stdout)
    return done.stdout
