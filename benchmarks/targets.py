"""What is promised about the figures, and what became of it. A ratio is of one run, always."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from .results import Row, Work
from .setups import DATABASES, STORES


class Figure(NamedTuple):
    """One contender's figures for one work."""

    contender: str
    work: str = "me"


@dataclass(frozen=True, slots=True)
class Target:
    """At most so much: statements of one figure, or its CPU time in terms of another's."""

    name: str
    at_most: float
    of: Figure
    # None: statements are counted.
    to: Figure | None = None
    # With which databases and stores it is promised.
    databases: tuple[str, ...] = DATABASES
    stores: tuple[str, ...] = STORES
    # It is about a few per cent, so the two are compared once more, by themselves.
    is_close: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a target."""

    target: Target
    value: float
    is_met: bool
    # What the ratio comes to for one request, where it is close.
    more_us: float | None = None


OURS = Figure("ours")
STOCK = Figure("django-graphql-jwt")
TARGETS = (
    Target("me, to django-graphql-jwt", 1 / 8, of=OURS, to=STOCK, databases=("sqlite",)),
    Target("me, to django-graphql-jwt", 1 / 4, of=OURS, to=STOCK, databases=("postgresql",)),
    Target("me, to the floor", 3, of=OURS, to=Figure("floor"), databases=("sqlite",)),
    Target(
        "me, to ours with the check off",
        1.05,
        of=OURS,
        to=Figure("ours-unchecked"),
        is_close=True,
    ),
    Target(
        "a protected list, to the same list unprotected",
        1.02,
        of=Figure("ours", "books"),
        to=Figure("ours", "open books"),
        is_close=True,
    ),
    Target("statements of a refresh", 3, of=Figure("ours", "refresh")),
    Target("statements of a logout", 3, of=Figure("ours", "logout")),
)


def judge(
    works: Sequence[Work],
    close: Sequence[Work],
    *,
    database: str,
    store: str,
    targets: Sequence[Target] = TARGETS,
) -> list[Verdict]:
    """Return a verdict on each target whose figures are there; `close` are those of `is_close`."""
    rows, close_rows = _by_figure(works), _by_figure(close)
    verdicts = []
    for target in meant(targets, database=database, store=store):
        known = close_rows if target.is_close else rows
        if target.of in known and (target.to is None or target.to in known):
            verdicts.append(_verdict(target, known))
    return verdicts


def meant(targets: Sequence[Target], *, database: str, store: str) -> list[Target]:
    """Return the targets that are promised there."""
    return [target for target in targets if database in target.databases and store in target.stores]


def ratio(row: Row, to: Row) -> float:
    """Return CPU time in terms of another's: the median of what each round says.

    Both were measured within the same moments of a round; what slowed one down slowed the other.
    """
    return median(one.cpu / other.cpu for one, other in zip(row.rounds, to.rounds, strict=True))


def _by_figure(works: Sequence[Work]) -> dict[Figure, Row]:
    return {Figure(row.name, work.name): row for work in works for row in work.rows}


def _verdict(target: Target, rows: dict[Figure, Row]) -> Verdict:
    of = rows[target.of]
    if target.to is None:
        return Verdict(target, of.statements, is_met=of.statements <= target.at_most)
    value, to = ratio(of, rows[target.to]), rows[target.to]
    more_us = _difference_us(of, to) if target.is_close else None
    return Verdict(target, value, is_met=value <= target.at_most, more_us=more_us)


def _difference_us(row: Row, to: Row) -> float:
    pairs = zip(row.rounds, to.rounds, strict=True)
    return median(one.cpu - other.cpu for one, other in pairs) * 1e6
