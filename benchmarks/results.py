"""What a run found, and whether it meets the targets; as data for tables, files and charts."""

import json
import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import median, quantiles

from .proof import Entry
from .rounds import Batch
from .work import Work

PACKAGES = ("Django", "graphene-django", "django-graphql-jwt", "djangorestframework", "PyJWT")


@dataclass(frozen=True, slots=True)
class Row:
    """One contender's figures for one piece of work: medians of the rounds, microseconds."""

    name: str
    summary: str
    is_revoking: bool
    wall_us: float
    cpu_us: float
    # The middle half of the rounds lies within this share of the median.
    spread: float
    statements: int
    # What the contender was seen to refuse, and with which reason.
    refusals: Mapping[str, str]
    rounds: list[Batch]


@dataclass(frozen=True, slots=True)
class Target:
    """At most this ratio of CPU time between two contenders of one run."""

    name: str
    of: str
    to: str
    at_most: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a target."""

    target: Target
    ratio: float
    is_met: bool


TARGETS = (
    Target(
        "ours at most a quarter of django-graphql-jwt", "ours", "django-graphql-jwt", at_most=0.25
    ),
)


def row_of(entry: Entry, batches: Sequence[Batch]) -> Row:
    """Return the figures of a contender."""
    cpu = [batch.cpu for batch in batches]
    return Row(
        name=entry.contender.name,
        summary=entry.contender.summary,
        is_revoking=entry.contender.is_revoking,
        wall_us=median(batch.wall for batch in batches) * 1e6,
        cpu_us=median(cpu) * 1e6,
        spread=_spread(cpu),
        statements=entry.statements,
        refusals=entry.refusals,
        rounds=list(batches),
    )


def judge(rows: Sequence[Row], targets: Sequence[Target] = TARGETS) -> list[Verdict]:
    """Return a verdict on each target whose contenders took part."""
    cpu = {row.name: row.cpu_us for row in rows}
    present = [target for target in targets if {target.of, target.to} <= set(cpu)]
    ratios = [cpu[target.of] / cpu[target.to] for target in present]
    return [
        Verdict(target, ratio, is_met=ratio <= target.at_most)
        for target, ratio in zip(present, ratios, strict=True)
    ]


def as_json(work: Work, rows: Sequence[Row], verdicts: Sequence[Verdict]) -> str:
    """Return everything about a run, each round included."""
    found = {
        "machine": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "cpus": os.cpu_count(),
            "sqlite": sqlite3.sqlite_version,
            **{package: version(package) for package in PACKAGES},
        },
        "works": [{"name": work.name, "query": work.query, "rows": [asdict(row) for row in rows]}],
        "targets": [asdict(verdict) for verdict in verdicts],
    }
    return json.dumps(found, indent=2) + "\n"


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    lower, middle, upper = quantiles(values, n=4, method="inclusive")
    return (upper - lower) / 2 / middle
