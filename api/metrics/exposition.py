"""Everything that is known, in the form that Prometheus reads."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from .counting import counts
from .counts import NANOSECONDS
from .families import FAMILIES, Counter, Histogram, first_of
from .figures import Figures, Reader


def exposed(accept: str) -> tuple[bytes, str]:
    """Return all metrics in a format that `Accept` admits, and its media type."""
    encode, content_type = choose_encoder(accept)
    return encode(registry()), content_type


@cache
def registry() -> CollectorRegistry:
    """Return what is exposed."""
    exposing = CollectorRegistry()
    exposing.register(_Collector())
    return exposing


class _Collector:
    def __init__(self) -> None:
        self._reader = Reader()

    def describe(self) -> list[Metric]:
        # Asked when it is registered; nothing is counted for that.
        return []

    def collect(self) -> Iterator[Metric]:
        numbers = counts().totals()
        for family in FAMILIES:
            begin = first_of(family)
            its_own = numbers[begin : begin + family.size]
            is_counter = isinstance(family, Counter)
            yield _counter(family, its_own) if is_counter else _histogram(family, its_own)
        yield from _gauges(self._reader.latest())


def _counter(counter: Counter, numbers: Sequence[int]) -> Metric:
    family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
    for values, number in zip(counter.values, numbers, strict=True):
        family.add_metric(values, number)
    return family


def _histogram(histogram: Histogram, numbers: Sequence[int]) -> Metric:
    *spans, nanoseconds = numbers
    ends = (*map(str, histogram.ends), "+Inf")
    buckets = list(zip(ends, map(float, accumulate(spans)), strict=True))
    family = HistogramMetricFamily(histogram.name, histogram.help)
    family.add_metric((), buckets, nanoseconds / NANOSECONDS)
    return family


def _gauges(figures: Figures | None) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "revocation_database_up",
        "Whether the database answered what is told of it here, within a second.",
        value=float(figures is not None),
    )
    if figures is None:
        return
    if figures.live_sessions is not None:
        yield GaugeMetricFamily(
            "revocation_live_sessions",
            "Sessions that have neither ended nor expired.",
            value=figures.live_sessions,
        )
    rows = GaugeMetricFamily(
        "revocation_rows", "Rows of each table, expired ones included.", labels=["table"]
    )
    for table, number in figures.rows.items():
        rows.add_metric([table], number)
    yield rows
    overdue = GaugeMetricFamily(
        "revocation_purge_overdue_seconds",
        "For how long the oldest expired row has been waiting to be purged.",
        labels=["table"],
    )
    for table, seconds in figures.overdue.items():
        overdue.add_metric([table], seconds)
    yield overdue
