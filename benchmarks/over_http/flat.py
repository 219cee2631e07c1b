"""Whether a request costs the same beside a full blacklist as beside an empty one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from .ground import Ground
from .results import Verdict

# Few, so that what slows the machine down for a while slows both of a pair down.
REQUESTS = 60
AT_MOST = 1.10


@dataclass(frozen=True, slots=True)
class Flat:
    """Microseconds of processor time for `me`, the database's own included: medians."""

    database: str
    rows: int
    empty_us: float
    full_us: float
    rounds: dict[str, list[float]]

    @property
    def ratio(self) -> float:
        """What the full table costs more: the median of the pairs, each taken at one time."""
        pairs = zip(self.rounds["full"], self.rounds["empty"], strict=True)
        return median(full / empty for full, empty in pairs)

    @property
    def verdict(self) -> Verdict:
        """Whether that is within what was promised."""
        name = f"{self.rows:,} live rows on {self.database} within {AT_MOST - 1:.0%} of none"
        return Verdict(name, self.ratio, is_met=self.ratio <= AT_MOST)


def measure(ground: Ground, *, rows: int, rounds: int) -> Iterator[Flat]:
    """Compare on each database."""
    sqlite = [ground.sqlite_url() for _ in range(2)]
    yield _compare(ground, "SQLite", *sqlite, rows=rows, rounds=rounds)
    postgres = [ground.postgres_url() for _ in range(2)]
    yield _compare(ground, "PostgreSQL", *postgres, rows=rows, rounds=rounds)


def _compare(
    ground: Ground, database: str, full: str, empty: str, *, rows: int, rounds: int
) -> Flat:
    said = ground.run(
        *("flat_asked", str(rows), str(rounds), str(REQUESTS)),
        database=full,
        SMALL_DATABASE_URL=empty,
        DJANGO_SETTINGS_MODULE="benchmarks.scale.settings",
        ALLOWED_HOSTS="localhost",
    )
    found: dict[str, Any] = json.loads(said)
    return Flat(database, rows, found["empty"], found["full"], found["rounds"])
