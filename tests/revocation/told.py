"""What is told while a test runs: by the app's signals, by Django's, and in the audit log."""

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import signals as of_django

from revocation.audit import EVENTS

DJANGOS = {
    of_django.user_logged_in: "user_logged_in",
    of_django.user_logged_out: "user_logged_out",
    of_django.user_login_failed: "user_login_failed",
}


@dataclass
class Told:
    """In the order in which it was told."""

    # Of each signal its name and what it carried.
    signals: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    by_django: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    records: list[logging.LogRecord] = field(default_factory=list)

    def forget(self):
        for kept in (self.signals, self.by_django, self.records):
            kept.clear()

    @property
    def events(self):
        """The name of each signal, its reason, and who did it."""
        return [
            (name, *([str(said["reason"]), said["actor"]] if "reason" in said else []))
            for name, said in self.signals
        ]

    @property
    def lines(self):
        return [record.getMessage() for record in self.records]

    @property
    def fields(self):
        """What each line says, without what it leaves out."""
        return [{k: v for k, v in record.audit.items() if v is not None} for record in self.records]


@contextmanager
def told():
    heard = Told()

    def note(signal, **said):
        to, name = (
            (heard.signals, EVENTS[signal])
            if signal in EVENTS
            else (heard.by_django, DJANGOS[signal])
        )
        to.append((name, said))

    class Handler(logging.Handler):
        def emit(self, record):
            heard.records.append(record)

    logger, handler = logging.getLogger("revocation.audit"), Handler()
    level = logger.level
    logger.setLevel("INFO")
    logger.addHandler(handler)
    both = [*EVENTS, *DJANGOS]
    for signal in both:
        signal.connect(note, weak=False)
    try:
        yield heard
    finally:
        for signal in both:
            signal.disconnect(note)
        logger.removeHandler(handler)
        logger.setLevel(level)
