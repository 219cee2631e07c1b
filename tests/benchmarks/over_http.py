"""What the tests of the benchmarks over HTTP stand on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.over_http import wrk
from benchmarks.over_http.apollo import ApolloServer
from benchmarks.work import Work

ROOT = Path(__file__).resolve().parents[2]
IS_CI = os.environ.get("CI") == "true"

WORK = Work("me", "{ me { id } }", {"me": {"id": "1"}})

# Where a machine has them; CI has them, or fails.
needs_wrk = pytest.mark.skipif(not (wrk.is_installed() or IS_CI), reason=wrk.MISSING)
needs_apollo = pytest.mark.skipif(
    bool(ApolloServer.missing()) and not IS_CI, reason=ApolloServer.missing()
)


def run(*options, module="benchmarks.over_http", **environment):
    return subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
