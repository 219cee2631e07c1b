"""The test suite on every database: `python -m tests [DATABASE...] [PYTEST_ARGUMENT...]`.

The databases are `postgresql`, `mariadb` and `sqlite`; without a name, all that are here, each
private and gone afterwards. They run side by side. SQLite ends last and runs every test, so that
its summary is that of the whole suite; what wants the processors for itself waits there until the
others have ended. These leave out what has nothing to do with the database.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

import pytest

from tests import alone
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
    # Whether it has just looked at a small table decides how it plans to read it.
    "postgresql": lambda: on(PostgresServer(autovacuum="off")),
    "mariadb": lambda: on(MariaDBServer()),
    "sqlite": nullcontext,
}


def main(arguments: Sequence[str]) -> int:
    named = [name for name in arguments if name in DATABASES]
    rest = [argument for argument in arguments if argument not in DATABASES]
    *others, last = named or available()
    test = partial(run, arguments=rest, output=subprocess.PIPE if others else None)
    with ThreadPoolExecutor() as pool:
        with alone.running() as environ:
            ending = pool.submit(test, last, **environ)
            codes = dict(zip(others, pool.map(test, others), strict=True))
        codes[last] = ending.result()
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


def run(name: str, *, arguments: Sequence[str], output: int | None, **environ: str) -> int:
    """Run the tests on a database and return pytest's exit code.

    With an `output` that is shared lines stay whole, and name whose they are but for SQLite's,
    among which is the summary.
    """
    say(f"Tests on {name}:")
    is_last = name == "sqlite"
    left_out = [] if is_last else [f"--ignore={path}" for path in ONCE]
    command = [sys.executable, "-m", "pytest", *left_out, *arguments]
    with DATABASES[name]() as more:
        environ = {**os.environ, **(more or {}), **environ}
        with subprocess.Popen(command, env=environ, stdout=output, text=True) as process:
            for line in process.stdout or ():
                say(line.rstrip() if is_last else f"{name:10} | {line.rstrip()}")
        return process.returncode


def say(text: str) -> None:
    # One piece, whoever else says something.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
