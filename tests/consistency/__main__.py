"""Do many workers keep the API's word? `python -m tests.consistency` finds out.

Clients in processes of their own sign in, refresh, log out and change passwords at random; then a
checker reads what they recorded. `python -m tests.consistency check FILE` judges a record again.
Without a database or a store, all that users run are taken in turn.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from tempfile import gettempdir

from .checker import check
from .history import load_history
from .report import Report
from .runs import DATABASES, STORES, Run

USUAL = (("sqlite", "database"), ("postgresql", "database"), ("postgresql", "redis"))
# Of a violation, the exit code.
BROKEN = 1


def main(arguments: Sequence[str]) -> int:
    """Run loads, or judge a record; return the exit code."""
    if arguments[:1] == ["check"]:
        report = check(load_history(Path(arguments[1])))
        _say(report)
        return BROKEN if report.violations else 0
    options = _options(arguments)
    return max(_outcome_of(run, options.history) for run in _runs(options))


def _outcome_of(run: Run, kept: Path | None) -> int:
    report = run.report()
    _say(report)
    if report.violations or kept:
        _keep(report, kept or Path(gettempdir()))
    return BROKEN if report.violations else 0


def _keep(report: Report, folder: Path) -> None:
    setting = report.history.setting
    name = f"consistency-{setting.database}-{setting.store}-{setting.seed}.jsonl"
    path = report.history.save(folder / name)
    _say(f"The history is in {path}. Judge it again: python -m tests.consistency check {path}")


def _runs(options: Namespace) -> Iterator[Run]:
    asked = Run(
        seconds=options.seconds, clients=options.clients, workers=options.workers, seed=options.seed
    )
    combinations = USUAL
    if options.database or options.store:
        combinations = ((options.database or "sqlite", options.store or "database"),)
    for database, store in combinations:
        yield replace(asked, database=database, store=store)


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.consistency", description=__doc__)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--store", choices=STORES)
    parser.add_argument("--seconds", type=float, default=20, help="of each run; %(default)s")
    parser.add_argument("--clients", type=int, default=6, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    parser.add_argument("--history", type=Path, metavar="FOLDER", help="keep the histories there")
    return parser.parse_args(arguments)


def _say(what: object) -> None:
    print(what, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
