"""The test suite on every database: `python -m tests [DATABASE...] [PYTEST_ARGUMENT...]`.

The databases are `postgresql`, `mariadb` and `sqlite`; without a name, all that are here, each
private and gone afterwards. SQLite comes last and runs every test, so that its summary is that of
the whole suite; the others leave out what has nothing to do with the database.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

from tests.servers import DATABASE_SERVERS, MariaDBServer, PostgresServer

ONCE = (
    "tests/benchmarks",
    "tests/consistency",
    "tests/e2e",
    "tests/examples",
    "tests/faults",
    "tests/http/test_cross_origin.py",
    "tests/http/test_purge.py",
    "tests/http/test_transport.py",
    "tests/migration",
    "tests/outages",
    "tests/revocation/test_redis_connection.py",
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
    codes = {name: run(name, rest) for name in named or available()}
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
    say(f"Tests on {name}:")
    left_out = [] if name == "sqlite" else [f"--ignore={path}" for path in ONCE]
    with DATABASES[name]() as environ:
        command = [sys.executable, "-m", "pytest", *left_out, *arguments]
        return subprocess.run(
            command, env={**os.environ, **(environ or {})}, check=False
        ).returncode


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
