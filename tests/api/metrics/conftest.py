"""Metrics in this process; the database says always the same."""

import pytest

from api.metrics import figures
from tests.api.metrics.reading import TOKEN, counting_here

FIGURES = figures.Figures(
    rows={"blacklist": 1, "sessions": 3, "attempts": 0},
    overdue={"blacklist": 60.0, "sessions": 0.0, "attempts": 0.0},
    live_sessions=2,
)


@pytest.fixture
def metrics(settings, monkeypatch):
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(figures, "read", lambda: FIGURES)
    with counting_here() as metrics:
        yield metrics
