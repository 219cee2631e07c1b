"""What a run found, and whether it meets the targets; as data for tables and files."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median, quantiles
from typing import Any

from .rounds import Window

PACKAGES = ("Django", "graphene-django", "django-graphql-jwt", "granian", "PyJWT", "psycopg")
TARGET_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One server's figures at a task, with so many connections: medians of the windows."""

    name: str
    work: str
    connections: int
    throughput: float
    # The middle half of the windows lies within this share of the median.
    spread: float
    p50_ms: float
    p99_ms: float
    # Of the processors, for each request: the server, those it asks, and wrk.
    server_us: float
    backing_us: float
    load_us: float
    # Requests that were answered wrongly, or not at all, in any window, and one such answer.
    errors: int
    sample: str
    windows: list[Window]


@dataclass(frozen=True, slots=True)
class Target:
    """At least this ratio between two servers of one run, in throughput of `me`."""

    of: str
    to: str
    at_least: float

    @property
    def name(self) -> str:
        """What is wanted, in words."""
        ratio = f"{self.of} at least {self.at_least:g} x {self.to}"
        return f"me over HTTP, {ratio}, {TARGET_CONNECTIONS} connections"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a target."""

    name: str
    ratio: float
    is_met: bool


@dataclass
class Findings:
    """Everything a run has found so far."""

    machine: Mapping[str, Any]
    workers: int
    servers: list[dict[str, Any]] = field(default_factory=list)
    works: list[dict[str, str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    memory: list[Any] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    flat: list[Any] = field(default_factory=list)
    targets: list[Verdict] = field(default_factory=list)


TARGETS = (
    Target("ours", "django-graphql-jwt", at_least=5),
    Target("ours", "apollo-server", at_least=1.5),
    # Harder than what was promised: with jsonwebtoken's secret prepared, and as much to do as ours.
    Target("ours", "apollo-server-key", at_least=1.5),
    Target("ours-postgresql", "apollo-server-postgresql", at_least=1.5),
)


def row_of(name: str, windows: Sequence[Window], *, work: str, connections: int) -> Row:
    """Return the figures of a server."""
    loads = [window.load for window in windows]
    rates = [load.requests / load.seconds for load in loads]
    return Row(
        name=name,
        work=work,
        connections=connections,
        throughput=median(rates),
        spread=_spread(rates),
        p50_ms=median(load.p50 for load in loads) / 1e3,
        p99_ms=median(load.p99 for load in loads) / 1e3,
        server_us=median(_each(window.server_cpu_seconds, window) for window in windows),
        backing_us=median(_each(window.backing_cpu_seconds, window) for window in windows),
        load_us=median(_each(window.load.cpu_seconds, window) for window in windows),
        errors=sum(load.wrong + load.broken for load in loads),
        sample=next((load.sample for load in loads if load.sample), ""),
        windows=list(windows),
    )


def judge(rows: Sequence[Row], targets: Sequence[Target] = TARGETS) -> list[Verdict]:
    """Return a verdict on each target whose servers took part."""
    place = ("me", TARGET_CONNECTIONS)
    rates = {row.name: row.throughput for row in rows if (row.work, row.connections) == place}
    present = [target for target in targets if {target.of, target.to} <= set(rates)]
    ratios = [rates[target.of] / rates[target.to] for target in present]
    return [
        Verdict(target.name, ratio, is_met=ratio >= target.at_least)
        for target, ratio in zip(present, ratios, strict=True)
    ]


def machine() -> dict[str, Any]:
    """Say what it was measured on, and of which versions."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "wrk": _said("wrk", "--version"),
        "node": _said("node", "--version"),
        **{package: version(package) for package in PACKAGES},
    }


def as_json(findings: Findings) -> str:
    """Return everything about a run as text, each window included."""
    return json.dumps(findings, indent=2, default=_fields) + "\n"


def as_data(findings: Findings) -> dict[str, Any]:
    """Return the same to be written with what else there is."""
    data: dict[str, Any] = json.loads(as_json(findings))
    return data


def _fields(thing: Any) -> dict[str, Any]:
    names = getattr(type(thing), "__dataclass_fields__", None)
    if names is None:
        raise TypeError(thing)
    return {name: getattr(thing, name) for name in names}


def _said(*command: str) -> str:
    """Return the first line of what a program says, or nothing where there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout or done.stderr).partition("\n")[0].strip()


def _each(seconds: float, window: Window) -> float:
    return seconds / max(window.load.requests, 1) * 1e6


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    lower, middle, upper = quantiles(values, n=4, method="inclusive")
    return (upper - lower) / 2 / middle if middle else 0.0
