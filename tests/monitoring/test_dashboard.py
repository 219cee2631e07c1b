"""The dashboard and the alert rules, asked of a real Prometheus that reads a live server."""

import re

import pytest

from tests.monitoring.load import make_some
from tests.monitoring.prometheus import panels
from tests.waiting import wait_until

QUERIES = [
    pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    for panel in panels()
    for target in panel["targets"]
]
# Up to the comparison, an alert's expression is a figure there always is.
COMPARISON = re.compile(r" (?:>|==) ")


@pytest.fixture(scope="module")
def watching(prometheus, server):
    """Prometheus, after something has happened that it has read."""
    make_some(server)
    wait_until(
        lambda: prometheus.query("sum(increase(revocation_reuse_alarms_total[1m])) > 0"),
        else_say=prometheus.log,
    )
    return prometheus


@pytest.mark.parametrize("expression", QUERIES)
def test_each_query_of_the_dashboard_has_an_answer(watching, server, expression):
    def ask():
        make_some(server)
        return watching.query(expression)

    found = wait_until(ask, else_say=lambda: f"{expression} {watching.log()}")

    assert all(float(series["value"][1]) >= 0 for series in found), found


def test_a_reuse_alarm_fires_at_once(watching):
    rule = "RefreshTokenReused"

    wait_until(lambda: watching.rules()[rule]["state"] == "firing", else_say=watching.log)


def test_each_alert_can_be_evaluated(watching):
    for name, rule in watching.rules().items():
        watched = COMPARISON.split(rule["query"])[0].removeprefix("absent(").removesuffix(")")
        watched += ")" * (watched.count("(") - watched.count(")"))

        assert rule["health"] == "ok", rule
        assert watching.query(watched), name


def test_nothing_else_fires(watching):
    silent = {name for name, rule in watching.rules().items() if rule["state"] != "firing"}

    assert watching.rules().keys() - silent == {"RefreshTokenReused"}


def test_prometheus_reads_what_is_exposed_without_complaint(watching):
    def look():
        [target] = watching.ask("targets")["activeTargets"]
        return (target["health"], target["lastError"]) == ("up", "")

    wait_until(look, else_say=watching.log)
