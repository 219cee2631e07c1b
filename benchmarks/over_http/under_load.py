"""The part of a run in which servers are loaded: started, proved, measured, and proved again."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import SimpleNamespace

from .. import stage
from ..work import Work, me
from . import rounds, wrk
from .contenders import CONTENDERS
from .ground import Ground
from .memory import memory_of
from .proof import Prover, Unfaithful
from .results import Findings, judge, row_of
from .wrk import Aim

# No client has the whole load to itself, and nothing may be remembered for one token alone.
TOKENS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure whom."""

    names: Sequence[str]
    connections: Sequence[int]
    rounds: int
    seconds: int
    # How many requests each serves before any is counted.
    warm_up: int


def the_work() -> Work:
    """Return what every server is asked to do."""
    # The only user there is has the first primary key.
    return me(SimpleNamespace(pk=1, username=stage.USERNAME, email=stage.EMAIL))


def measure(ground: Ground, plan: Plan, findings: Findings) -> None:
    """Note rows, memory and verdicts. Raises `Unfaithful` where a server is not what it says."""
    work = the_work()
    findings.query = work.query
    with ExitStack() as running:
        aims = [_enter(running, ground, name, work, findings) for name in plan.names]
        for aim in aims:
            _say(f"warming up {aim.served.name}")
            rounds.warm_up(aim, requests=plan.warm_up)
        for connections in plan.connections:
            _measure(aims, connections, plan, findings)
        findings.memory = [
            {"name": aim.served.name, "memory": memory_of(aim.served, workers=findings.workers)}
            for aim in aims
        ]
        for aim in aims:
            _ensure_still_faithful(aim, ground.secret)
    findings.targets += judge(findings.rows)


def _enter(running: ExitStack, ground: Ground, name: str, work: Work, findings: Findings) -> Aim:
    """Start a server, prove it, and sign in."""
    contender = CONTENDERS[name]
    _say(f"{name}: {contender.summary}")
    served = running.enter_context(contender(ground, workers=findings.workers))
    prover = Prover(served, work, ground.secret)
    refusals = prover.prove()
    tokens = [served.sign_in() for _ in range(TOKENS)]
    answer = prover.ensure_done(tokens[0])
    findings.servers.append(
        {
            "name": name,
            "summary": contender.summary,
            "is_revoking": contender.is_revoking,
            "refusals": refusals,
        }
    )
    return Aim(served, work, tokens, answer.body)


def _measure(aims: Sequence[Aim], connections: int, plan: Plan, findings: Findings) -> None:
    windows = rounds.measure(
        aims,
        connections=connections,
        rounds=plan.rounds,
        seconds=plan.seconds,
        on_window=lambda aim: _say(f"{connections} connections: {aim.served.name}"),
    )
    findings.rows += [
        row_of(name, found, connections=connections) for name, found in windows.items()
    ]


def _ensure_still_faithful(aim: Aim, secret: str) -> None:
    """Ensure that the tokens which were measured are good still, and that one can be taken back."""
    prover = Prover(aim.served, aim.work, secret)
    for token in aim.tokens:
        if prover.ensure_done(token).body != aim.body:
            raise Unfaithful(f"{aim.served.name} answers otherwise than before it was measured.")
    if aim.served.is_revoking:
        prover.ensure_revoking(aim.tokens[0])


def ensure_possible(names: Sequence[str]) -> None:
    """Leave with a sentence if something is not installed."""
    if not wrk.is_installed():
        sys.exit(wrk.MISSING)
    for name in names:
        if missing := CONTENDERS[name].missing():
            sys.exit(f"{missing} Or leave it out: --servers names those to measure.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
