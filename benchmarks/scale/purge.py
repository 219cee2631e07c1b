"""The purge as an operator runs it, timed: `python -m benchmarks.scale.purge`."""

import json
import resource
import time
from pathlib import Path
from typing import Any

import django


class Watch:
    """Times every statement of a connection, and its commits."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.longest_sql = ""
        self.statements = 0

    def statement(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        """As `execute_wrapper` calls it."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self._note(time.perf_counter() - began, sql)

    def commit(self, commit: Any) -> Any:
        """Return a commit that is timed as statements are."""

        def timed() -> None:
            began = time.perf_counter()
            commit()
            self._note(time.perf_counter() - began, "COMMIT")

        return timed

    def _note(self, seconds: float, sql: str) -> None:
        self.statements += 1
        if seconds > self.longest:
            self.longest, self.longest_sql = seconds, sql[:80]


def main() -> None:
    """Purge, and print what the command says together with what was measured."""
    django.setup()
    from io import StringIO

    from django.core.management import call_command
    from django.db import connection

    watch, out = Watch(), StringIO()
    connection._commit = watch.commit(connection._commit)
    with connection.execute_wrapper(watch.statement):
        call_command("purge_revoked", "--json", stdout=out)
    print(
        json.dumps(
            json.loads(out.getvalue())
            | {
                "statements": watch.statements,
                "longest_ms": watch.longest * 1000,
                "longest_sql": watch.longest_sql,
                "peak_mb": _peak_kb() / 1024,
            }
        )
    )


def _peak_kb() -> int:
    """Return the most that this program has held. What `resource` says may be who started it."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])


if __name__ == "__main__":
    main()
