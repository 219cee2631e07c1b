"""One set-up in a process of its own: `benchmarks.one DATABASE STORE ROUNDS REQUESTS FILE`.

Django can be set up once in a process. What was found goes to the file, as JSON.
"""

import json
import sys
from pathlib import Path

from . import stage
from .setups import Setup


def main(database: str, store: str, rounds: str, requests: str, path: str) -> None:
    """Set Django up and run."""
    setup = Setup(database, store)
    with stage.prepared(setup) as user:
        from .results import machine
        from .run import Plan, run

        found = run(Plan(user, setup, rounds=int(rounds), requests=int(requests)))
        Path(path).write_text(json.dumps({"machine": machine(), "runs": [found]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
