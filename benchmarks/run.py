"""One run on one set-up: set the contenders up, prove them, measure them, print what was found.

Import it when Django is set up.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from . import contenders, proof, results, rounds, stage, table, targets
from .contenders import Contender
from .setups import Setup
from .work import Work, groups, me


def run(user: Any, *, setup: Setup, round_count: int, request_count: int) -> dict[str, Any]:
    """Measure all work and return what was found.

    Raises `Unfaithful` where a contender is not what it says.
    """
    found: list[results.Work] = []
    for group in groups(user, stage.books()):
        found += _measure(group, user, setup, round_count=round_count, request_count=request_count)
    verdicts = targets.judge(found, database=setup.database, store=setup.store)
    _print(found, setup, round_count=round_count)
    return {
        "database": setup.database,
        "store": setup.store,
        "works": results.as_data(found),
        "targets": [{"says": _say(verdict, setup), **asdict(verdict)} for verdict in verdicts],
    }


def _measure(
    group: Sequence[Work], user: Any, setup: Setup, *, round_count: int, request_count: int
) -> list[results.Work]:
    smallest, names = me(user), " and ".join(work.name for work in group)
    entries = [
        proof.enter(contender, work, user, me=smallest)
        for work in group
        for contender in _present(setup)
        if work.name in contender.does
    ]
    batches = rounds.measure(
        entries,
        rounds=round_count,
        requests=request_count,
        on_round=lambda number: _show_progress(names, number, round_count),
    )
    for entry in entries:
        proof.ensure_still_revoking(entry, me=smallest)
    measured = list(zip(entries, batches, strict=True))
    return [
        results.Work(
            work.name,
            work.query,
            [results.row_of(entry, found) for entry, found in measured if entry.work is work],
        )
        for work in group
    ]


def _present(setup: Setup) -> list[Contender]:
    """Return who takes part: a store is ours alone, and measured beside the scale."""
    everybody = contenders.load()
    if setup.store == "database":
        return everybody
    return [contender for contender in everybody if contender.name in contenders.WITH_STORE]


def _print(works: Sequence[results.Work], setup: Setup, *, round_count: int) -> None:
    [smallest, *_] = works
    print(f"\nOn {setup}: {smallest.query}, medians of {round_count} rounds\n")
    print(table.render(smallest.rows))
    print()
    for row in smallest.rows:
        print(f"{row.name}: {row.summary}")
    print(f"\nOn {setup}: all work\n")
    print(table.render_all(works))
    print(f"\nAt sign-in, Django's own hasher adds {_hashing_ms():,.0f} ms to each.", flush=True)


def _hashing_ms() -> float:
    """Return the CPU time of what is left out for all, in milliseconds."""
    began = time.process_time()
    PBKDF2PasswordHasher().encode(stage.PASSWORD, salt="s" * 22)
    return (time.process_time() - began) * 1000


def _say(verdict: targets.Verdict, setup: Setup) -> str:
    return f"{setup}: {table.render_verdict(verdict)}"


def _show_progress(names: str, number: int, rounds: int) -> None:
    is_last = number == rounds
    line = f"{names}: round {number} of {rounds}"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\n" if is_last else "", file=sys.stderr)
    elif is_last:
        print(line, file=sys.stderr, flush=True)
