"""What a run found, as data for tables, files and charts."""

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from statistics import median, quantiles
from typing import Any

from .proof import Entry
from .rounds import Batch

PACKAGES = (
    "Django",
    "graphene-django",
    "django-graphql-jwt",
    "djangorestframework",
    "djangorestframework-simplejwt",
    "strawberry-django-auth",
    "strawberry-graphql",
    "strawberry-graphql-django",
    "PyJWT",
)


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
class Work:
    """What was asked for, and who did it at which cost."""

    name: str
    query: str
    rows: list[Row]


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


def machine() -> dict[str, Any]:
    """Return what the figures depend on beside the code."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "sqlite": sqlite3.sqlite_version,
        **{package: found for package in PACKAGES if (found := _version(package))},
    }


def as_data(works: Sequence[Work]) -> list[dict[str, Any]]:
    """Return everything about the works of a run, each round included."""
    return [asdict(work) for work in works]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _spread(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    lower, middle, upper = quantiles(values, n=4, method="inclusive")
    return (upper - lower) / 2 / middle
