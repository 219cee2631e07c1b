"""One run: set the contenders up, prove them, measure them, and print what was found.

Import it when Django is set up.
"""

import sys
from pathlib import Path
from typing import Any

from . import contenders, proof, results, rounds, table
from .work import Work, me


def run(user: Any, *, round_count: int, request_count: int, json_path: Path | None) -> None:
    """Measure what `{ me … }` costs. Raises `Unfaithful` where a contender is not what it says."""
    work = me(user)
    rows = _measure(work, user, round_count=round_count, request_count=request_count)
    verdicts = results.judge(rows)
    print(f"\n{work.query}: medians of {round_count} rounds of {request_count} requests\n")
    print(table.render(rows))
    print()
    for verdict in verdicts:
        print(table.render_verdict(verdict))
    if json_path:
        json_path.write_text(results.as_json(work, rows, verdicts))


def _measure(work: Work, user: Any, *, round_count: int, request_count: int) -> list[results.Row]:
    entries = []
    for contender in contenders.load():
        _say(f"{contender.name}: {contender.summary}")
        entries.append(proof.enter(contender, work, user))
    batches = rounds.measure(
        entries,
        work,
        rounds=round_count,
        requests=request_count,
        on_round=lambda number: _show_progress(number, round_count),
    )
    for entry in entries:
        proof.ensure_still_revoking(entry, work)
    return [results.row_of(entry, batches[entry.contender.name]) for entry in entries]


def _show_progress(number: int, rounds: int) -> None:
    is_last = number == rounds
    if sys.stderr.isatty():
        print(f"\rround {number} of {rounds}", end="\n" if is_last else "", file=sys.stderr)
    elif is_last or number % 10 == 0:
        _say(f"round {number} of {rounds}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
