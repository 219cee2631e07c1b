"""A live server that is watched by a real Prometheus."""

import os

import pytest

from tests.live import LiveServer, create_template
from tests.monitoring.prometheus import PROGRAM, TOOL, Prometheus

TOKEN = "a-token-for-prometheus-alone-and-nobody-else"


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return create_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def server(template):
    options = {"METRICS_TOKEN": TOKEN, "REFRESH_GRACE_SECONDS": "0"}
    with LiveServer(template, workers=2, **options) as server:
        yield server


@pytest.fixture(scope="session")
def installed():
    """Leave a test out where there is no Prometheus; CI has one, or fails."""
    if not (PROGRAM and TOOL) and os.environ.get("CI") != "true":
        pytest.skip("Prometheus is not installed: apt-get install prometheus")
    assert PROGRAM
    assert TOOL


@pytest.fixture(scope="session")
def prometheus(installed, server):
    with Prometheus(port=server.port, token=TOKEN) as prometheus:
        yield prometheus
