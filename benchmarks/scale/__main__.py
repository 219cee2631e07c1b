"""Fill PostgreSQL with revoked keys, live and expired, and show what they cost.

The figures are printed beside what was promised. The exit code is 1 if a promise is not kept.
"""

import json
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import stage

LONGEST_MS = 200
MORE_THAN_EMPTY = 1.10
MORE_MEMORY_MB = 32
SECONDS_ALONE = 10


@dataclass(frozen=True)
class Promise:
    """What was promised, what was found."""

    name: str
    found: str
    is_kept: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, run, print, and leave with what became of the promises."""
    parser = ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument(
        *("--rows", "-n"),
        type=int,
        default=10_000_000,
        help="keys that live, and as many that expired; a tenth as many sessions of each kind "
        "(default: %(default)s, which takes some 15 minutes and 10 GB)",
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there, too")
    options = parser.parse_args(arguments)
    with stage.prepared() as server:
        figures = {"rows": options.rows, "postgresql": server.execute("SHOW server_version")[0][0]}
        promises = [*_live(options.rows, figures), *_expired(options.rows, figures)]
    for promise in promises:
        print(f"{'met' if promise.is_kept else 'NOT MET':8}{promise.name}: {promise.found}")
    if options.json:
        figures["promises"] = [asdict(promise) for promise in promises]
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    sys.exit(not all(promise.is_kept for promise in promises))


def _live(rows: int, figures: dict[str, Any]) -> list[Promise]:
    from . import rows as tables
    from . import verdict

    with _said(f"adding {rows:,} live keys"):
        tables.add_live(rows)
        for alias in ("default", "small"):
            tables.add_known_sessions(alias)
        tables.vacuum("default")
    with _said("asking about tokens"):
        small, large = verdict.compare()
    figures["verdict"] = {"empty": _figures(small), "full": _figures(large)}
    cost_ratio = large.plan.cost / small.plan.cost
    return [
        Promise("the verdict's plan uses indexes", large.plan.text, large.plan.is_by_index),
        Promise(
            "its planned cost is within 10 % of the empty table's",
            f"{large.plan.cost:.2f} to {small.plan.cost:.2f} ({cost_ratio - 1:+.1%}); "
            f"{large.plan.pages} pages to {small.plan.pages}; by the clock, alone, "
            f"{large.microseconds:.0f} µs to {small.microseconds:.0f} µs",
            cost_ratio <= MORE_THAN_EMPTY,
        ),
    ]


def _expired(rows: int, figures: dict[str, Any]) -> list[Promise]:
    from . import beside
    from . import rows as tables

    nothing = _purge()
    with _said(f"adding {rows:,} expired keys"):
        tables.add_expired(rows)
        tables.vacuum("default")
    search = _search()
    with _said("requests alone"), beside.requests() as alone:
        time.sleep(SECONDS_ALONE)
    with _said("requests beside the purge"), beside.requests() as together:
        purged = _purge()
    with _said("the purge again, at once"):
        again = _purge()
    left = [tables.count(table, is_expired=True) for table in tables.TABLES]
    live = tables.count(tables.TABLES[0], is_expired=False)
    figures |= {"purge": purged, "purge_of_nothing": nothing, "purge_again": again}
    figures["requests"] = {
        name: {kind: latency.of(kind) for kind in ("reads", "writes")} | {"waits": latency.waits}
        for name, latency in (("alone", alone), ("beside", together))
    }
    peak = max(purged["peak_mb"], again["peak_mb"])
    memory = peak - nothing["peak_mb"]
    gone = sum(purged["purged"].values())
    return [
        Promise("the purge finds its rows in an index alone", search.text, _is_index_only(search)),
        Promise(
            "the purge takes what expired and nothing else",
            f"{gone:,} rows in {purged['seconds']:.0f} s, {gone / purged['seconds']:,.0f} a second",
            left == [0, 0] and live >= rows,
        ),
        Promise(
            f"no statement of it takes longer than {LONGEST_MS} ms",
            f"{purged['longest_ms']:.0f} ms of {purged['statements']:,}; "
            f"of a purge right after it {again['longest_ms']:.0f} ms",
            max(purged["longest_ms"], again["longest_ms"]) <= LONGEST_MS,
        ),
        Promise(
            "its memory is bounded",
            f"{peak:.0f} MB, {memory:+.0f} MB to a purge of nothing",
            memory <= MORE_MEMORY_MB,
        ),
        Promise(
            "no request waits for a lock of it",
            f"{together.waits} seen waiting in {together.looks:,} looks; {_requests(alone)} alone, "
            f"{_requests(together)} beside it",
            together.waits == 0,
        ),
    ]


def _search() -> Any:
    """Return the plan by which a purge looks for rows, half-way through."""
    from revocation import blacklist

    from .plans import plan_of, statements_of

    def look() -> None:
        step = blacklist.expired()
        step(limit=1000, is_dry=True, after=step(limit=1000, is_dry=True).reached)

    *_, last = [sent for sent in statements_of(look, alias="default") if "ORDER BY" in sent[0]]
    return plan_of(last, alias="default")


def _is_index_only(plan: Any) -> bool:
    return plan.kinds == {"Index Only Scan"}


def _figures(cost: Any) -> dict[str, Any]:
    return {
        "plan": cost.plan.text,
        "planned_cost": cost.plan.cost,
        "pages": cost.plan.pages,
        "microseconds": cost.microseconds,
    }


def _requests(latency: Any) -> str:
    parts = []
    for kind in ("reads", "writes"):
        middle, most, longest = latency.of(kind)
        parts.append(f"{kind} {middle:.1f}/{most:.0f}/{longest:.0f}")
    return f"{', '.join(parts)} ms (median/99 %/longest)"


def _purge() -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale.purge"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


class _said:  # noqa: N801  Reads as a word.
    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._began = time.monotonic()
        print(f"{self._what} ...", end=" ", flush=True, file=sys.stderr)

    def __exit__(self, *_: object) -> None:
        print(f"{time.monotonic() - self._began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
