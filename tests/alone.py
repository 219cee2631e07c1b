"""Tests that want the processors for themselves wait until runs on other databases have ended."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

TESTS = Path(__file__).parent
# Their clients, servers and browsers keep every processor busy, or look at the clock.
ALONE = (
    "benchmarks",
    "consistency",
    "e2e",
    "faults",
    "http",
    "keys/test_under_load.py",
    "monitoring",
    "outages",
    "rolling",
)
# In the environment: a file that is locked as long as others run.
LOCK = "TESTS_RUNNING_BESIDE"


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Be one of the others; yields the environment of whoever is to wait for them."""
    with NamedTemporaryFile() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield {LOCK: file.name}


def is_wanted(path: Path) -> bool:
    """Whether the tests in this file want to be."""
    return any(path.is_relative_to(TESTS / name) for name in ALONE)


@cache
def wait_for_others() -> None:
    """Wait until they have ended, or died."""
    # It is gone once they have ended.
    with suppress(KeyError, FileNotFoundError), Path(os.environ[LOCK]).open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
