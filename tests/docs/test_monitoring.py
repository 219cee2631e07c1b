"""The example of docs/monitoring.md counts."""

import pytest
from prometheus_client import REGISTRY

from revocation import guard, signals
from tests.client import ME
from tests.docs.examples import examples, run


@pytest.fixture
def example():
    [source] = examples("monitoring.md", "In a project of your own")
    names = run(source)
    yield names
    guard.watch(None)
    signals.refresh_reused.disconnect(names["count_alarm"])
    for metric in (names["verdicts"], names["alarms"]):
        REGISTRY.unregister(metric)


@pytest.mark.django_db
def test_it_counts_verdicts_and_alarms(example, graphql):
    graphql(ME)
    signals.refresh_reused.send(sender=None)

    assert REGISTRY.get_sample_value("verdicts_total", {"reason": "TOKEN_MISSING"}) == 1
    assert REGISTRY.get_sample_value("reuse_alarms_total") == 1
