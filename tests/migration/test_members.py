"""`USERNAME_FIELD = "email"` and a UUID as primary key: the handlers alone, and nothing else."""

import json
import subprocess
import sys

import pytest

from tests.live import ROOT

REVOKED = ["Token has been revoked"]


@pytest.fixture(scope="module")
def told():
    """What a project with such users answered."""
    command = [sys.executable, "-m", "tests.migration.project", "members"]
    found = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, timeout=120, check=True)
    return json.loads(found.stdout)


def test_one_signs_in_by_the_address_and_is_told_by_the_key(told):
    payload = told["sign in"]["data"]["tokenAuth"]["payload"]

    assert (payload["email"], payload["sub"]) == ("alice", told["pk"])
    assert told["me"]["data"] == {"me": f"{told['pk']} alice"}


def test_the_session_goes_on_by_refreshing(told):
    before = told["sign in"]["data"]["tokenAuth"]["payload"]

    assert told["refresh"]["data"]["refreshToken"]["payload"]["sid"] == before["sid"]


def test_a_logout_is_final(told):
    assert told["logout"]["data"] == {"logout": {"ok": True}}
    assert told["me after"] == {"data": {"me": None}, "errors": REVOKED}
    assert told["refresh after"] == {"data": {"refreshToken": None}, "errors": REVOKED}
