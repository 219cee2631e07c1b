"""Becomes granian: `python -m benchmarks.over_http.serve APPLICATION PORT WORKERS`.

With the very options of `manage.py serve`, whatever is served.
"""

import os
import sys

from api.management.commands.serve import options


def main(application: str, port: str, workers: str) -> None:
    """Replace this process, so that a signal reaches the server."""
    granian = [sys.executable, "-m", "granian", *options("127.0.0.1", int(port), int(workers))]
    os.execv(sys.executable, [*granian, application])  # noqa: S606  No shell is what we want.


if __name__ == "__main__":
    main(*sys.argv[1:])
