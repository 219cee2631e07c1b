"""Numbers that the workers of a server count together.

Each worker has a file of its own in a folder that all share, mapped into its memory. To count is an
addition there, and nothing that a worker counted is lost with it, be it killed.
"""

import errno
import fcntl
import logging
import mmap
import os
import threading
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

NANOSECONDS = 1_000_000_000
_BYTES = 8

logger = logging.getLogger(__name__)


class Counts:
    """So many numbers, each of which only grows. Safe to share between threads and across forks.

    Without a folder, or where no file can be had in it, they are those of this process alone.
    """

    def __init__(self, size: int, *, folder: Path | None) -> None:
        self._bytes = size * _BYTES
        self._folder = folder
        self._path: Path | None = None
        self._begin()
        # Parent and child would write over each other's additions.
        os.register_at_fork(after_in_child=self._begin)

    def add(self, place: int) -> None:
        """Add one to one of them."""
        with self._lock:
            self._own[place] += 1

    def timer(
        self, places: Mapping[str, int], other: int, *, spans: int, ends: Sequence[int]
    ) -> Callable[[str, int], None]:
        """Return what adds one where a word stands, or `other`, and the nanoseconds it took.

        Spans of time begin at `spans`; each ends with the next of `ends`, and the last never does.
        Behind that stands the sum. Every request calls it: it is one function for that.
        """
        total = spans + len(ends) + 1

        def add(word: str, nanoseconds: int) -> None:
            place, span = places.get(word, other), spans + bisect_left(ends, nanoseconds)
            own = self._own
            with self._lock:
                own[place] += 1
                own[span] += 1
                own[total] += nanoseconds

        return add

    def totals(self) -> list[int]:
        """Return each number as counted by all workers, those included that are gone."""
        return [sum(numbers) for numbers in zip(self._own, *self._others(), strict=True)]

    def _others(self) -> Iterator[Sequence[int]]:
        if self._folder is None:
            return
        for path in self._folder.glob("*"):
            content = path.read_bytes() if path != self._path else b""
            # A worker that has just made its file has not counted yet.
            if len(content) == self._bytes:
                yield array("Q", content)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._own = memoryview(self._map()).cast("Q")

    def _map(self) -> mmap.mmap:
        """Return memory to count in: in a file, or where there can be none, of this process alone.

        A full disk, and a folder that somebody has tidied up, stop no worker from serving.
        """
        self._path = None
        try:
            if self._folder is not None:
                return self._map_file(self._folder)
        except OSError as error:
            logger.warning("A worker counts alone: it can have no file", exc_info=error)
        return mmap.mmap(-1, self._bytes)

    def _map_file(self, folder: Path) -> mmap.mmap:
        """Return the memory of a file that no worker has; of one that is gone, its numbers go on.

        A file that some worker has is locked. The kernel unlocks it when that process ends, in
        whatever way.
        """
        for number in count():
            path = folder / str(number)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _make_room(file, self._bytes)
                memory = mmap.mmap(file, self._bytes)
            except BlockingIOError:
                continue
            finally:
                # The mapping keeps the file open, and so its lock.
                os.close(file)
            self._path = path
            return memory
        raise AssertionError


def _make_room(file: int, size: int) -> None:
    """Write all the numbers, old ones or nought.

    Of a file that is merely long, the disk may have no room for a page when it is counted on, and
    the kernel kills who does.
    """
    numbers = os.pread(file, size, 0).ljust(size, b"\0")
    if os.pwrite(file, numbers, 0) < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.truncate(file, size)
