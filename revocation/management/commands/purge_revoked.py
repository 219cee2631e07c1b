"""Forget what has expired."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revocation import blacklist, sessions


class Command(BaseCommand):
    """Blacklist entries and sessions go only when nothing they revoke can be valid any more."""

    help = "Delete blacklist entries and sessions whose every token has expired."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of one transaction."""
        parser.add_argument("--batch", type=int, default=1000, help="rows per transaction (1000)")

    def handle(self, *, batch: int, verbosity: int, **_: Any) -> None:
        """Purge both tables, a batch at a time, and say how many rows went."""
        if batch < 1:
            raise CommandError("--batch takes a number of rows, 1 or more.")
        keys = self._count("blacklist entries", blacklist.purge(batch=batch), verbosity)
        rows = self._count("sessions", sessions.purge(batch=batch), verbosity)
        self.stdout.write(
            self.style.SUCCESS(f"Purged {keys} blacklist entries and {rows} sessions.")
        )

    def _count(self, what: str, batches: Any, verbosity: int) -> int:
        total = 0
        for removed in batches:
            total += removed
            if verbosity > 1:
                self.stdout.write(f"{total} {what} so far")
        return total
