"""A run: its parts one after the other, each with its tables."""

import sys
from argparse import Namespace

from . import flat, kept, results, table, under_load, wrk
from .ground import Ground
from .options import PARTS
from .results import Findings
from .rounds import Limits


def run(options: Namespace) -> Findings:
    """Measure, print and return what was found.

    Who or what is missing is left out with a sentence, or ends the run where it was asked for.
    Raises `Unfaithful` where a server is not what it says.
    """
    if "load" in (options.parts or ()) or (options.servers and not options.parts):
        under_load.ensure_possible(options.servers or ())
    findings = Findings(results.machine(), options.workers)
    with Ground() as ground:
        for part in options.parts or _possible_parts():
            print(PARTS[part], file=sys.stderr, flush=True)
            _RUNS[part](ground, findings, options)
    return findings


def complaint(findings: Findings) -> str | None:
    """Return what a run with wrong answers has to say; nothing if there were none."""
    bad = [row for row in findings.rows if row.errors]
    lines = [
        f"{row.name}, {row.work}, {row.connections}: {row.errors} errors. {row.sample}"
        for row in bad
    ]
    return "\n".join(lines) or None


def _possible_parts() -> list[str]:
    if wrk.is_installed():
        return list(PARTS)
    print(f"The load is left out. {wrk.MISSING}", flush=True)
    return [part for part in PARTS if part != "load"]


def _load(ground: Ground, findings: Findings, options: Namespace) -> None:
    plan = under_load.Plan(
        names=options.servers or under_load.possible(),
        tasks=options.works,
        connections=options.connections,
        limits=Limits(options.rounds, options.seconds, options.requests, options.logouts),
        warm_up=options.warm_up,
    )
    under_load.measure(ground, plan, findings)
    print(
        f"\nOver HTTP: {options.workers} workers, medians of {options.rounds} windows of "
        f"{options.seconds} s, or of {options.logouts:,} logouts;\n"
        "wrk has no cores of its own: µs are of the processors, each request"
    )
    places = dict.fromkeys((row.work, row.connections) for row in findings.rows)
    for place in places:
        rows = [row for row in findings.rows if (row.work, row.connections) == place]
        print(f"\n{table.render_load(rows)}")
    print(f"\n{table.render_memory(findings.memory)}\n", flush=True)


def _kept(ground: Ground, findings: Findings, options: Namespace) -> None:
    findings.kept = kept.measure(ground, rows=options.kept_rows)
    print(f"{table.render_kept(findings.kept)}\n", flush=True)


def _flat(ground: Ground, findings: Findings, options: Namespace) -> None:
    for rows in options.flat_rows:
        findings.flat += flat.measure(ground, rows=rows, rounds=options.flat_rounds)
    findings.targets += [found.verdict for found in findings.flat]
    print(f"{table.render_flat(findings.flat)}\n", flush=True)


_RUNS = {"load": _load, "kept": _kept, "flat": _flat}
