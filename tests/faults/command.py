"""The command: runs faults, prints the table, and says what was broken that should hold."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import SystemRandom
from tempfile import gettempdir

from tests.faults.catalogue import FAULTS
from tests.faults.scene import Scene
from tests.faults.trial import Outcome, run

HEADING = (
    "fault",
    "load",
    "operations",
    "violations",
    "unavailable",
    "lost",
    "slowest answer to a good token",
    "recovery",
)
# Of a promise that was broken, the exit code.
BROKEN = 1


def main(arguments: Sequence[str]) -> int:
    """Run the faults that were asked for; return the exit code."""
    options = _options(arguments)
    if options.list:
        for fault in FAULTS.values():
            _say(f"{fault.name:34} {fault.sentence}")
        return 0
    _say(f"Seed {options.seed}")
    _say(_row(HEADING))
    _say(_row(["---"] * 2 + ["---:"] * (len(HEADING) - 2)))
    with Scene() as scene:
        broken = [line for name in options.fault for line in _broken(name, scene, options)]
    for line in broken:
        _say(line)
    return BROKEN if broken else 0


def _broken(name: str, scene: Scene, options: Namespace) -> Iterator[str]:
    """Let a fault happen, print its row, and yield what was broken."""
    outcome = run(
        FAULTS[name],
        scene,
        seconds=options.seconds,
        clients=options.clients,
        seed=options.seed,
    )
    _say(_row(_cells(outcome, options.clients)))
    for promise in outcome.broken():
        path = Path(gettempdir()) / f"faults-{name}-{options.seed}.jsonl"
        yield f"{name}: {promise}\nThe history is in {outcome.report.history.save(path)}."


def _cells(outcome: Outcome, clients: int) -> Iterator[str]:
    report = outcome.report
    yield outcome.fault.sentence
    yield f"{clients} clients, {outcome.seconds:.0f} s"
    yield f"{report.operations:,}"
    yield str(len(report.violations))
    yield f"{report.unavailable:,}"
    yield f"{report.unanswered:,}"
    yield f"{outcome.slowest * 1000:.0f} ms"
    yield f"{outcome.recovery_seconds:.1f} s"


def _row(cells: Sequence[str] | Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--list", action="store_true", help="say which faults there are")
    parser.add_argument("--fault", action="append", choices=FAULTS, metavar="NAME")
    parser.add_argument("--seconds", type=float, default=10, help="of each; %(default)s")
    parser.add_argument("--clients", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    options = parser.parse_args(arguments)
    options.fault = options.fault or list(FAULTS)
    return options


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
