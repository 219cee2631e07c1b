"""A thread in every worker that renews the lease when a request finds it ageing."""

import logging
import os
import threading
import time
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.db import connections

from .connection import Unreachable
from .copying import NotCopied
from .lease import LEASE

logger = logging.getLogger("revocation")

# Between two attempts, in seconds; the lease has as long again to live when the first is made.
_PAUSE = LEASE.total_seconds() / 8


class Keeper:
    """Runs `renew` in the background, soon after it was woken."""

    def __init__(self, renew: Callable[[], object]) -> None:
        self._renew = renew
        self._forget_thread()
        # A fork has no thread but the one that forked, and locks that nobody may let go of.
        os.register_at_fork(after_in_child=self._forget_thread)

    def wake(self) -> None:
        """Have the lease renewed, if a thread can be had. Returns at once."""
        if not self._is_running():
            self._start()
        self._woken.set()

    def _forget_thread(self) -> None:
        self._thread: threading.Thread | None = None
        self._starting, self._woken = threading.Lock(), threading.Event()

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _start(self) -> None:
        # Several may have seen none: whoever is not the first has nothing left to do.
        if not self._starting.acquire(blocking=False):
            return
        try:
            if not self._is_running():
                thread = threading.Thread(
                    target=self._run, args=(self._woken,), name="revocation-lease", daemon=True
                )
                thread.start()
                self._thread = thread
        except RuntimeError:
            # There is no room for a thread, or the interpreter ends: no reason to refuse.
            pass
        finally:
            self._starting.release()

    def _run(self, woken: threading.Event) -> None:
        reported = ""
        while True:
            woken.wait()
            woken.clear()
            reported = self._renew_once(reported)
            for connection in connections.all(initialized_only=True):
                connection.close_if_unusable_or_obsolete()
            time.sleep(_PAUSE)

    def _renew_once(self, reported: str) -> str:
        """Renew the lease, and say once why that cannot be; return what was said last."""
        try:
            self._renew()
        except NotCopied as reason:
            if reason.is_lasting and str(reason) != reported:
                logger.warning("No lease: %s The database is asked instead.", reason)
                return str(reason)
        except (Unreachable, DatabaseError):
            # Whoever asks says so.
            pass
        else:
            return ""
        return reported
