"""Fill Redis anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from revocation.stores import NotRebuilt, current_store

_REPORT_EVERY = 100_000


class Command(BaseCommand):
    """Workers do so by themselves; this does it now, and says why where it cannot be done."""

    help = "Copy every live blacklist entry from the database to Redis."

    def handle(self, **_: Any) -> None:
        """Copy all of them, and say how many there were."""
        batches = current_store().rebuild()
        if batches is None:
            self.stdout.write("Nothing to rebuild: the database is asked itself.")
            return
        total = 0
        try:
            for copied in batches:
                total += copied
                if total // _REPORT_EVERY > (total - copied) // _REPORT_EVERY:
                    self.stderr.write(f"{total} entries so far")
        except NotRebuilt as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError("The database does not answer; look at DATABASES.") from error
        self.stdout.write(self.style.SUCCESS(f"Copied {total} blacklist entries to Redis."))
