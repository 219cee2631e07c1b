"""A refresh token that the original hands out beside our handlers would outlive every logout.

Its row knows of no session. So it is refused, and dead when it is made: also for whoever exchanges
such rows later.
"""

import json
import subprocess
import sys

import pytest

from tests.live import ROOT

REVOKED = ["Token has been revoked"]


@pytest.fixture(scope="module")
def told():
    """What a project with refresh tokens in its database answered."""
    command = [sys.executable, "-m", "tests.migration.project", "long-running"]
    found = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, timeout=120, check=True)
    return json.loads(found.stdout)


def test_the_access_token_beside_it_is_ours(told):
    assert told["me"]["errors"] == []
    assert told["logout"]["data"] == {"logout": {"ok": True}}
    assert told["me after"] == {"data": {"me": None}, "errors": REVOKED}


@pytest.mark.parametrize("field", ["refresh", "revoke"])
def test_it_is_refused_in_the_words_clients_know(told, field):
    assert told[field]["errors"] == ["Invalid refresh token"]


def test_its_row_is_dead_for_whoever_looks_at_it_later(told):
    assert told["rows"] == [False]
