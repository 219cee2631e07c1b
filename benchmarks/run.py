"""One run on one set-up: set the contenders up, prove them, measure them, print what was found.

Import it when Django is set up.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from . import contenders, proof, results, rounds, stage, table, targets, work
from .contenders import Contender
from .setups import Setup

Place = tuple[Contender, work.Kind]

# Two that are compared closely meet in so many times more rounds, which are so many times shorter.
MORE_ROUNDS = 4
SHORTER = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """For whom, on what and how often."""

    user: Any
    setup: Setup
    rounds: int
    requests: int


def run(plan: Plan) -> dict[str, Any]:
    """Measure all work and return what was found.

    Raises `Unfaithful` where a contender is not what it says.
    """
    setup = {"database": plan.setup.database, "store": plan.setup.store}
    groups = work.groups(plan.user, stage.books())
    everybody = _present(plan.setup)
    found = [one for group in groups for one in _measure(_places(group, everybody), plan)]
    close = [
        one
        for target in targets.meant(targets.TARGETS, **setup)
        if target.is_close
        for one in _compare(target, list(chain(*groups)), everybody, plan)
    ]
    verdicts = targets.judge(found, close, **setup)
    _print(found, plan)
    return {
        **setup,
        "works": results.as_data(found),
        "close": results.as_data(close),
        "targets": [
            {"says": f"{plan.setup}: {table.render_verdict(verdict)}", **asdict(verdict)}
            for verdict in verdicts
        ],
    }


def _measure(places: Sequence[Place], plan: Plan) -> list[results.Work]:
    """Let these prove themselves, and measure them in the same rounds."""
    me, names = work.me(plan.user), " and ".join(dict.fromkeys(asked.name for _, asked in places))
    entries = [proof.enter(contender, asked, plan.user, me=me) for contender, asked in places]
    batches = rounds.measure(
        entries,
        rounds=plan.rounds,
        requests=plan.requests,
        on_round=lambda number: _show_progress(names, number, plan.rounds),
    )
    for entry in entries:
        proof.ensure_still_revoking(entry, me=me)
    return _by_work(list(zip(entries, batches, strict=True)))


def _compare(
    target: targets.Target, works: Sequence[work.Kind], everybody: Sequence[Contender], plan: Plan
) -> list[results.Work]:
    """Measure two figures by themselves, so close to each other that noise meets both."""
    asked, contenders_ = {one.name: one for one in works}, {one.name: one for one in everybody}
    figures = [figure for figure in (target.of, target.to) if figure]
    if not all(figure.contender in contenders_ for figure in figures):
        return []
    places = [(contenders_[figure.contender], asked[figure.work]) for figure in figures]
    return _measure(
        places,
        replace(plan, rounds=plan.rounds * MORE_ROUNDS, requests=plan.requests // SHORTER),
    )


def _places(group: Sequence[work.Kind], everybody: Sequence[Contender]) -> list[Place]:
    """Return who does what; the works of one contender stand side by side."""
    return [
        (contender, asked)
        for contender in everybody
        for asked in group
        if asked.name in contender.does
    ]


def _by_work(measured: Sequence[tuple[proof.Entry, list[rounds.Batch]]]) -> list[results.Work]:
    works = {entry.work.name: entry.work for entry, _ in measured}
    return [
        results.Work(
            name,
            asked.query,
            [results.row_of(entry, found) for entry, found in measured if entry.work is asked],
        )
        for name, asked in works.items()
    ]


def _present(setup: Setup) -> list[Contender]:
    """Return who takes part: a store is ours alone, and measured beside the scale."""
    everybody = contenders.load()
    if setup.store == "database":
        return everybody
    return [contender for contender in everybody if contender.name in contenders.WITH_STORE]


def _print(works: Sequence[results.Work], plan: Plan) -> None:
    [smallest, *_] = works
    print(f"\nOn {plan.setup}: {smallest.query}, medians of {plan.rounds} rounds\n")
    print(table.render(smallest.rows))
    print()
    for row in smallest.rows:
        print(f"{row.name}: {row.summary}")
    print(f"\nOn {plan.setup}: all work\n")
    print(table.render_all(works))
    print(f"\nAt sign-in, Django's own hasher adds {_hashing_ms():,.0f} ms to each.", flush=True)


def _hashing_ms() -> float:
    """Return the CPU time of what is left out for all, in milliseconds."""
    began = time.process_time()
    PBKDF2PasswordHasher().encode(stage.PASSWORD, salt="s" * 22)
    return (time.process_time() - began) * 1000


def _show_progress(names: str, number: int, rounds: int) -> None:
    is_last = number == rounds
    line = f"{names}: round {number} of {rounds}"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\n" if is_last else "", file=sys.stderr)
    elif is_last:
        print(line, file=sys.stderr, flush=True)
