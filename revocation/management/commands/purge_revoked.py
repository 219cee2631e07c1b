"""Forget what has expired."""

import json
import signal
import threading
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.db import Error as AnyDatabaseError
from django.utils import timezone

from revocation import attempts, blacklist, devices, sessions
from revocation.conf import conf
from revocation.purging import Batch, Step, batches

# Addresses and browsers of sessions that go on.
DEVICES = "devices"
TABLES: Mapping[str, Callable[[], Step]] = {
    "blacklist entries": blacklist.expired,
    "sessions": sessions.expired,
    "failed attempts": attempts.expired,
    DEVICES: devices.expired,
}
MOST_ROWS = 10_000
_SECONDS_BETWEEN_LINES = 0.2
_INTERRUPTED = 130


class Command(BaseCommand):
    """Entries and sessions go only when nothing they revoke can be valid any more.

    Exits with 0 at the end, 1 when the database failed, 130 when it was interrupted. What it then
    says was purged is purged.
    """

    help = (
        "Delete blacklist entries, sessions and failed attempts that count no more, and forget "
        "devices (REVOCATION['KEEP_DEVICE_FOR']). It waits for nobody and nobody for it: "
        "run it at any time, also twice at once, and interrupt it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of one transaction, and what to print."""
        parser.add_argument(
            "--batch",
            type=_number_of_rows,
            default=1000,
            help="rows per transaction; fewer where the database is slow (default: %(default)s)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="delete nothing, say how many rows would go"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object instead of a sentence"
        )

    def handle(self, *, batch: int, dry_run: bool, verbosity: int, **options: Any) -> None:
        """Purge every table, a batch at a time, and say how many rows went."""
        began = time.monotonic()
        purged = dict.fromkeys(_wanted(), 0)
        stopped: CommandError | None = None
        try:
            for what in purged:
                self._purge(what, purged, limit=batch, is_dry=dry_run, verbosity=verbosity)
        except KeyboardInterrupt:
            stopped = CommandError("Interrupted; the rest is left.", returncode=_INTERRUPTED)
        except AnyDatabaseError as error:
            stopped = CommandError(f"The database failed; the rest is left. It says: {error}")
        seconds = time.monotonic() - began
        self.stdout.write(
            _as_json(purged, dry_run=dry_run, seconds=seconds, stopped=stopped)
            if options["json"]
            else self.style.SUCCESS(_as_sentence(purged, dry_run=dry_run))
        )
        if stopped:
            raise stopped

    def _purge(
        self, what: str, purged: dict[str, int], *, limit: int, is_dry: bool, verbosity: int
    ) -> None:
        progress = _Progress(what, self.stderr, is_wordy=verbosity > 1)
        try:
            with _interrupted_between() as ensure_wanted:
                for batch in batches(TABLES[what](), limit=limit, is_dry=is_dry):
                    purged[what] += batch.removed
                    progress.show(batch, purged[what])
                    ensure_wanted()
        finally:
            progress.end()


@contextmanager
def _interrupted_between() -> Iterator[Callable[[], None]]:
    """Yield what raises `KeyboardInterrupt` if Ctrl-C was pressed; pressed twice, it comes at once.

    In the middle of a batch it might come when that is committed, and not counted yet.
    """
    usual = signal.getsignal(signal.SIGINT)
    pressed: list[int] = []

    def note(number: int, frame: object) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, usual)

    def ensure_wanted() -> None:
        if pressed:
            raise KeyboardInterrupt

    # Elsewhere Python lets nobody ask, and no Ctrl-C arrives; `usual` is None where C decides.
    is_asked = threading.current_thread() is threading.main_thread() and usual is not None
    if is_asked:
        signal.signal(signal.SIGINT, note)
    try:
        yield ensure_wanted
    finally:
        if is_asked:
            signal.signal(signal.SIGINT, usual)


class _Progress:
    """Says how far a purge has come: in one line on a terminal, elsewhere only if asked to."""

    def __init__(self, what: str, out: OutputWrapper, *, is_wordy: bool) -> None:
        self._what, self._out, self._is_wordy = what, out, is_wordy
        self._is_on_terminal = out.isatty()
        self._began = self._said = time.monotonic()
        self._until = timezone.now()
        self._width = 0
        self._first: Batch | None = None

    def show(self, batch: Batch, total: int) -> None:
        """Tell of one batch more."""
        self._first = self._first or batch
        now = time.monotonic()
        if self._is_on_terminal and now - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = now
            line = self._line(batch, total, seconds=now - self._began)
            self._width = max(self._width, len(line))
            self._write(f"\r{line:{self._width}}")
        elif self._is_wordy and not self._is_on_terminal and batch.removed:
            self._write(self._line(batch, total, seconds=now - self._began) + "\n")

    def end(self) -> None:
        """Leave a line of its own to whatever is said next."""
        if self._width:
            self._write(f"\r{'':{self._width}}\r")

    def _line(self, batch: Batch, total: int, *, seconds: float) -> str:
        rate = total / seconds if seconds else 0
        return f"{self._what}: {total:,}, {rate:,.0f} a second{self._left(batch, total)}"

    def _left(self, batch: Batch, total: int) -> str:
        """Estimate what is left from how far in time the purge has come; counting would cost."""
        if batch.is_last or not (self._first and self._first.first and batch.reached):
            return ""
        done = batch.reached.moment - self._first.first.moment
        ahead = self._until - batch.reached.moment
        return f", about {max(0, round(total * (ahead / done))):,} left" if done else ""

    def _write(self, text: str) -> None:
        self._out.write(text, style_func=str, ending="")
        self._out.flush()


def _wanted() -> list[str]:
    return [what for what in TABLES if what != DEVICES or conf().keep_device_for is not None]


def _as_sentence(purged: Mapping[str, int], *, dry_run: bool) -> str:
    *most, last = (f"{count} {what}" for what, count in purged.items())
    return f"{'Would purge' if dry_run else 'Purged'} {', '.join(most)} and {last}."


def _as_json(
    purged: Mapping[str, int], *, dry_run: bool, seconds: float, stopped: CommandError | None
) -> str:
    return json.dumps(
        {
            "purged": {what.replace(" ", "_"): count for what, count in purged.items()},
            "dry_run": dry_run,
            "complete": stopped is None,
            "stopped_by": str(stopped) if stopped else None,
            "seconds": round(seconds, 3),
        }
    )


def _number_of_rows(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ROWS:
        raise ArgumentTypeError(f"it takes a number of rows, 1 to {MOST_ROWS}, not {text!r}.")
    return int(text)
