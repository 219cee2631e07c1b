"""The part of a run in which servers are loaded: started, proved, measured, and proved again."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from ..tokens import Tokens
from . import rounds, wrk
from .contenders import CONTENDERS
from .ground import Ground
from .memory import memory_of
from .proof import Prover
from .results import TARGET_CONNECTIONS, Findings, judge, row_of
from .rounds import Limits
from .served import Served
from .supply import Entry
from .tasks import TASKS, Task, account_work
from .wrk import Aim

# No client has the whole load to itself, and nothing may be remembered for one token alone.
TOKENS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure whom, at what."""

    names: Sequence[str]
    tasks: Sequence[str]
    connections: Sequence[int]
    limits: Limits
    # How many requests each serves before any is counted.
    warm_up: int

    def names_at(self, task: Task, connections: int) -> list[str]:
        """Return who is measured at a task and with so many connections.

        Not everything is measured with each number of them: the rest, with one.
        """
        usual = TARGET_CONNECTIONS
        usual = usual if usual in self.connections else self.connections[0]
        return [
            name
            for name in self.names
            if task.name in CONTENDERS[name].does
            if connections == usual or (task.is_in_full and CONTENDERS[name].is_in_full)
        ]


@dataclass(frozen=True, slots=True)
class Running:
    """A server that has proved itself, and is signed in to."""

    served: Served
    # Asks it who one is.
    prover: Prover
    tokens: Sequence[Tokens]

    def enter(self, task: Task) -> Entry:
        """Prove it at one of its tasks. Raises `Unfaithful`."""
        if task.work is None:
            expected = self.prover.prove_mutation(task)
        else:
            prover = replace(self.prover, work=task.work)
            if task is not TASKS["me"]:
                # That was proved before anything else.
                prover.prove()
            expected = prover.ensure_done(self.tokens[0].access).body.decode()
        return Entry(Aim(self.served, task, expected), self.prover, self.tokens)

    def ensure_still_faithful(self) -> None:
        """Ensure that the measured tokens are good still, and that one can be taken back."""
        for token, _ in self.tokens:
            self.prover.ensure_done(token)
        if self.served.is_revoking:
            self.prover.ensure_revoking(self.tokens[0].access)


def measure(ground: Ground, plan: Plan, findings: Findings) -> None:
    """Note rows, memory and verdicts. Raises `Unfaithful` where a server is not what it says."""
    tasks = [TASKS[name] for name in plan.tasks]
    findings.works = [{"name": task.name, "query": task.query} for task in tasks]
    with ExitStack() as open_:
        running = {name: _start(open_, ground, name, findings) for name in plan.names}
        for name, one in running.items():
            _say(f"warming up {name}")
            rounds.warm_up(one.enter(TASKS["me"]), requests=plan.warm_up)
        for task in tasks:
            _measure(task, running, plan, findings)
        findings.memory = [
            {"name": name, "memory": memory_of(one.served, workers=findings.workers)}
            for name, one in running.items()
        ]
        for one in running.values():
            one.ensure_still_faithful()
    findings.targets += judge(findings.rows)


def ensure_possible(names: Sequence[str]) -> None:
    """Leave with a sentence if something is not installed."""
    if not wrk.is_installed():
        sys.exit(wrk.MISSING)
    for name in names:
        if missing := CONTENDERS[name].missing():
            sys.exit(f"{missing} Or leave it out: --servers names those to measure.")


def possible() -> list[str]:
    """Return the names of all that can be started; say what is missing for the others."""
    for contender in CONTENDERS.values():
        if missing := contender.missing():
            print(f"{contender.name} is left out. {missing}", flush=True)
    return [name for name, contender in CONTENDERS.items() if not contender.missing()]


def _start(open_: ExitStack, ground: Ground, name: str, findings: Findings) -> Running:
    contender = CONTENDERS[name]
    _say(f"{name}: {contender.summary}")
    served = open_.enter_context(contender(ground, workers=findings.workers))
    prover = Prover(served, account_work(), ground.secret)
    findings.servers.append(
        {
            "name": name,
            "summary": contender.summary,
            "is_revoking": contender.is_revoking,
            "refusals": prover.prove(),
        }
    )
    return Running(served, prover, [served.sign_in() for _ in range(TOKENS)])


def _measure(task: Task, running: Mapping[str, Running], plan: Plan, findings: Findings) -> None:
    """Measure a task with each number of connections, once all have met it."""
    entries = {
        name: one.enter(task) for name, one in running.items() if task.name in one.served.does
    }
    for entry in entries.values() if task is not TASKS["me"] else ():
        rounds.introduce(entry, requests=plan.limits.requests)
    for connections in plan.connections:
        windows = rounds.measure(
            [entries[name] for name in plan.names_at(task, connections)],
            connections=connections,
            limits=plan.limits,
        )
        findings.rows += [
            row_of(name, found, work=task.name, connections=connections)
            for name, found in windows.items()
        ]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
