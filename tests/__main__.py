"""The test suite on every database: `python -m tests [DATABASE...] [PYTEST_ARGUMENT...]`.

The databases are `postgresql`, `mariadb` and `sqlite`; without a name, all that are here, each
private and gone afterwards. SQLite comes last and runs every test, so that its summary is that of
the whole suite; the others run side by side before it, and leave out what has nothing to do with
the database.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

import pytest

from tests.servers import DATABASE_SERVERS, MariaDBServer, PostgresServer

ONCE = (
    "tests/benchmarks",
    "tests/consistency",
    "tests/docs/test_runbook.py",
    "tests/docs/test_samples.py",
    "tests/docs/test_tutorial.py",
    "tests/e2e",
    "tests/examples",
    "tests/faults",
    "tests/http/test_cross_origin.py",
    "tests/http/test_purge.py",
    "tests/http/test_transport.py",
    "tests/keys/test_under_load.py",
    "tests/migration",
    "tests/monitoring",
    "tests/outages",
    "tests/publish",
    "tests/revocation/test_redis_connection.py",
    "tests/rolling",
    "tests/setup",
)
MARIADB_ADVICE = (
    "MariaDB is left out. To test on it too, install mariadb-server, libmariadb-dev, pkg-config, "
    "python3-dev and a C compiler."
)


@contextmanager
def on(server):
    with server:
        yield {"DATABASE_URL": server.url("suite")}


DATABASES: dict[str, Callable[[], AbstractContextManager[dict[str, str]]]] = {
    "postgresql": lambda: on(PostgresServer()),
    "mariadb": lambda: on(MariaDBServer()),
    "sqlite": nullcontext,
}


def main(arguments: Sequence[str]) -> int:
    named = [name for name in arguments if name in DATABASES]
    rest = [argument for argument in arguments if argument not in DATABASES]
    *first, last = named or available()
    with ThreadPoolExecutor() as beside:
        codes = dict(zip(first, beside.map(partial(run, arguments=rest), first), strict=True))
    codes[last] = run(last, rest)
    # One of several may find nothing to run: what was asked for is then run on the others alone.
    nothing = pytest.ExitCode.NO_TESTS_COLLECTED
    failed = {name: code for name, code in codes.items() if code not in {0, nothing}}
    if len(codes) > 1 and failed:
        say(f"Failed on {', '.join(failed)}.")
    return next(iter(failed.values()), min(codes.values()))


def available() -> list[str]:
    """Return the databases that this machine has. CI has all of them, or fails."""
    if MariaDBServer in DATABASE_SERVERS:
        return list(DATABASES)
    say(MARIADB_ADVICE)
    return [name for name in DATABASES if name != "mariadb"]


def run(name: str, arguments: Sequence[str]) -> int:
    """Run the tests on a database and return pytest's exit code; each line names another's."""
    say(f"Tests on {name}:")
    is_last = name == "sqlite"
    left_out = [] if is_last else [f"--ignore={path}" for path in ONCE]
    command = [sys.executable, "-m", "pytest", *left_out, *arguments]
    output = None if is_last else subprocess.PIPE
    with DATABASES[name]() as more:
        environ = {**os.environ, **(more or {})}
        with subprocess.Popen(command, env=environ, stdout=output, text=True) as process:
            for line in process.stdout or ():
                say(f"{name:10} | {line.rstrip()}")
        return process.returncode


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
