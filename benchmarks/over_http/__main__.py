"""Measure servers over HTTP, side by side: throughput and latency, memory, and what they keep.

wrk runs on the machine whose cores the servers share, so what it costs is shown beside them.
Nothing depends on the figures but the verdicts on the targets; it is an error when a server does
not do what it says, or answers a single request wrongly under load.
"""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from . import flat, kept, results, table, under_load
from .contenders import CONTENDERS
from .ground import Ground
from .results import Findings

PARTS = {
    "load": "throughput, latency, and memory",
    "kept": "what a revoked session takes on disk and in Redis",
    "flat": "a request beside an empty and a full blacklist, on each database",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, run, print, and leave with 1 if a request was answered wrongly."""
    options = _options(arguments)
    if "load" in options.parts:
        under_load.ensure_possible(options.servers)
    findings = Findings(results.machine(), options.workers)
    with Ground() as ground:
        for part in options.parts:
            print(PARTS[part], file=sys.stderr, flush=True)
            _RUNS[part](ground, findings, options)
    for verdict in findings.targets:
        print(table.render_verdict(verdict))
    if options.json:
        options.json.write_text(results.as_json(findings))
    sys.exit(_complaint(findings))


def _load(ground: Ground, findings: Findings, options: Namespace) -> None:
    plan = under_load.Plan(
        names=options.servers,
        connections=options.connections,
        rounds=options.rounds,
        seconds=options.seconds,
        warm_up=options.warm_up,
    )
    under_load.measure(ground, plan, findings)
    print(
        f"\n{findings.query}: {options.workers} workers, medians of {options.rounds} windows of "
        f"{options.seconds} s;\nwrk has no cores of its own: µs are of the processors, each request"
    )
    for connections in options.connections:
        rows = [row for row in findings.rows if row.connections == connections]
        print(f"\n{table.render_load(rows)}")
    print(f"\n{table.render_memory(findings.memory)}\n", flush=True)


def _kept(ground: Ground, findings: Findings, options: Namespace) -> None:
    findings.kept = kept.measure(ground, rows=options.kept_rows)
    print(f"{table.render_kept(findings.kept)}\n", flush=True)


def _flat(ground: Ground, findings: Findings, options: Namespace) -> None:
    findings.flat = list(flat.measure(ground, rows=options.flat_rows, rounds=options.flat_rounds))
    findings.targets += [found.verdict for found in findings.flat]
    print(f"{table.render_flat(findings.flat)}\n", flush=True)


_RUNS = {"load": _load, "kept": _kept, "flat": _flat}


def _complaint(findings: Findings) -> str | None:
    """Return what a run with wrong answers has to say; nothing if there were none."""
    bad = [row for row in findings.rows if row.errors]
    lines = [f"{row.name}, {row.connections}: {row.errors} errors. {row.sample}" for row in bad]
    return "\n".join(lines) or None


def _options(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.over_http", description=__doc__)
    parser.add_argument(
        "--parts", type=_some_of(PARTS), default=tuple(PARTS), help=", ".join(PARTS)
    )
    parser.add_argument(
        "--servers",
        type=_some_of(CONTENDERS),
        default=tuple(CONTENDERS),
        help=", ".join(CONTENDERS),
    )
    parser.add_argument("--connections", type=_counts, default=(1, 16, 64), help="default: 1,16,64")
    parser.add_argument("--workers", type=_count, default=2, help="default: %(default)s")
    parser.add_argument("--rounds", type=_count, default=3, help="default: %(default)s")
    parser.add_argument(
        "--seconds", type=_count, default=4, help="in each window; default: %(default)s"
    )
    parser.add_argument(
        "--warm-up",
        type=_count,
        default=15_000,
        help="requests each server serves before any is counted; default: %(default)s",
    )
    parser.add_argument("--kept-rows", type=_count, default=100_000, help="default: %(default)s")
    parser.add_argument("--flat-rows", type=_count, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--flat-rounds", type=_count, default=200, help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there, too")
    return parser.parse_args(arguments)


def _some_of(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = text.split(",")
        if unknown := set(names) - set(known):
            raise ArgumentTypeError(f"{', '.join(sorted(unknown))} is none of {', '.join(known)}")
        return tuple(name for name in known if name in names)

    return parse


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_count(word) for word in text.split(","))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number above zero")
    return int(text)


if __name__ == "__main__":
    main()
