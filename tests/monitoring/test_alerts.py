"""The alert rules, over hours that nobody has to wait for."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.docs.examples import DOCS
from tests.monitoring.prometheus import ALERTS, TOOL

TESTS = Path(__file__).parent / "alerts_test.yml"


def promtool(*arguments):
    command = [TOOL, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rules():
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    return group["rules"]


@pytest.fixture(scope="module")
def tried():
    """What is expected of each alert at some moment, and at another."""
    return [
        trial
        for test in yaml.safe_load(TESTS.read_text())["tests"]
        for trial in test["alert_rule_test"]
    ]


@pytest.mark.usefixtures("installed")
def test_they_fire_when_they_should_and_only_then():
    done = promtool("test", "rules", TESTS)

    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_each_is_tried_firing_and_silent(rules, tried):
    names = {rule["alert"] for rule in rules}

    assert {trial["alertname"] for trial in tried if trial["exp_alerts"]} == names
    assert {trial["alertname"] for trial in tried if not trial["exp_alerts"]} == names


def test_the_documentation_says_what_to_do_about_each(rules):
    text = (DOCS / "monitoring.md").read_text()

    for rule in rules:
        assert f"| `{rule['alert']}` |" in text
