"""One fault during one load, and all that is to be known of it afterwards."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random

from tests.consistency.checker import check
from tests.consistency.history import DATA
from tests.consistency.load import Load
from tests.consistency.report import Report
from tests.faults.canary import Answer, Canary, Visitor
from tests.faults.fault import Fault
from tests.faults.scene import Scene

ACCOUNTS = 6
# How long the load runs before the fault, and after it is over and everything works again.
CALM_SECONDS = 0.7
RECOVERY_PATIENCE_SECONDS = 60
# Some of them tell of a session that was ended while they were on their way.
REFUSALS = 40
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fault."""

    fault: Fault
    report: Report
    proof: str
    seconds: float
    recovery_seconds: float
    # How many operations were called while it lasted.
    operations: int
    # What a good token got from the beginning of the fault until everything worked again.
    answers: list[Answer]

    @property
    def slowest(self) -> float:
        """Seconds that the slowest answer to a good token took."""
        return max((one.seconds for one in self.answers if one.outcome == DATA), default=0)

    def broken(self) -> Iterator[str]:
        """Yield each promise that did not hold."""
        if self.report.violations:
            yield str(self.report)
        refusals = {one.outcome for one in self.answers} - {DATA}
        if unexpected := refusals - self.fault.good_tokens_may_get:
            yield f"A good token got {', '.join(sorted(unexpected))}."


def run(fault: Fault, scene: Scene, *, seconds: float, clients: int = 4, seed: int = 1) -> Outcome:
    """Let a fault happen for so long while clients act at random, and judge what they recorded."""
    number = next(_numbers)
    scene.random = Random(seed)
    accounts = scene.create_accounts(f"{fault.name}-{number}-{n}" for n in range(ACCOUNTS))
    first, second = scene.create_accounts(f"{fault.name}-{number}-{n}" for n in ("good", "round"))
    setting = scene.setting(seed=seed, clients=clients, clock_skew=fault.clock_skew)
    with (
        Canary(scene.urls, first) as canary,
        Load(scene.urls, accounts, setting) as load,
        _followed(scene, canary, load),
    ):
        load.run(CALM_SECONDS)
        _wait_for_calm(scene, load)
        begun = load.mark(fault.sentence)
        proof = fault.happen(scene, lambda share: load.run(share * seconds))
        over = load.mark(f"over: {proof}")
        _wait_for_recovery(scene, second, load)
        recovered = load.mark("everything works again")
        load.run(CALM_SECONDS)
        _wait_for_visits(load)
    assert load.history is not None
    return Outcome(
        fault=fault,
        report=check(load.history),
        proof=proof,
        seconds=over - begun,
        recovery_seconds=recovered - over,
        operations=sum(begun <= one.called <= over for one in load.history.operations),
        answers=canary.between(begun, recovered),
    )


@contextmanager
def _followed(scene: Scene, canary: Canary, load: Load) -> Iterator[None]:
    """Send everybody along when servers move."""

    def follow(urls: list[str]) -> None:
        load.use(urls)
        canary.use(urls)

    scene.on_move(follow)
    try:
        yield
    finally:
        scene.on_move(lambda urls: None)


def _wait_for_calm(scene: Scene, load: Load) -> None:
    """Wait until Redis is trusted, and has old revocations to lose."""
    deadline = time.monotonic() + RECOVERY_PATIENCE_SECONDS
    while not (scene.has_lease() and scene.age_blacklist()):
        assert time.monotonic() < deadline, "It is broken before anything is."
        load.run(0.1)


def _wait_for_visits(load: Load) -> None:
    """Wait until ended tokens were presented often enough for a verdict, on any machine."""
    deadline = time.monotonic() + RECOVERY_PATIENCE_SECONDS
    while load.count("TOKEN_REVOKED") < REFUSALS:
        assert time.monotonic() < deadline, "Nobody presents ended tokens."
        load.run(0.1)


def _wait_for_recovery(scene: Scene, account: str, load: Load) -> None:
    """Wait until each server does everything, and Redis is trusted, without a restart."""
    deadline = time.monotonic() + RECOVERY_PATIENCE_SECONDS
    with ExitStack() as open_visitors:
        visitors = [Visitor(url, account) for url in scene.urls]
        waiting = [open_visitors.enter_context(closing(visitor)) for visitor in visitors]
        while waiting or not scene.has_lease():
            waiting = [visitor for visitor in waiting if not visitor.go_round()]
            assert time.monotonic() < deadline, "It does not recover."
            load.run(0.02)
