"""An upgraded project with the tables of before: a suite of its own, in settings of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["settings", "members_settings"], ids=["users", "members"])
def test_the_suite_of_an_upgraded_project_passes(who):
    suite = ["-m", "pytest", "-q", "tests/upgraded", "--ds", f"tests.upgraded.{who}"]
    done = subprocess.run(
        [sys.executable, *suite], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
