"""Waiting for something that is about to happen."""

import os
import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 60


def wait_until(look: Callable[[], Any], *, else_say: Callable[[], str]) -> Any:
    """Look again and again until something is there; return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, else_say()
        # Leaves the processor to what is waited for.
        time.sleep(0.005)
    return found


def is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
