"""The handlers without what they need: nobody is let in, and nobody signs in for nothing."""

import json
import subprocess
import sys

import pytest

from tests.live import ROOT


@pytest.fixture(scope="module")
def answers():
    """What the original's own fields answered in each project."""
    command = [sys.executable, "-m", "tests.migration.project"]
    processes = {
        name: subprocess.Popen([*command, name], stdout=subprocess.PIPE, cwd=ROOT)
        for name in ("without-app", "without-tables")
    }
    return {
        name: json.loads(process.communicate(timeout=120)[0]) for name, process in processes.items()
    }


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("without-app", "isn't in an application in INSTALLED_APPS"),
        ("without-tables", "Service unavailable, retry later"),
    ],
)
def test_it_says_what_is_missing(answers, project, message):
    for name, field in (("sign in", "tokenAuth"), ("me", "me")):
        told = answers[project][name]
        assert told["data"] == {field: None}
        assert message in told["errors"][0]
