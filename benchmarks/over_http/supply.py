"""Tokens for one window of load, and what they must be worth after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from .. import tokens
from ..tokens import Tokens
from .proof import Prover, Unfaithful
from .tasks import SIGN_IN, Use
from .wrk import Aim, Load, load

# For signing in beforehand: as many connections, and time that nobody needs.
CONNECTIONS, PATIENCE_SECONDS = 16, 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A server that has proved itself at a task, ready to be measured."""

    aim: Aim
    # Asks it who one is.
    prover: Prover
    # What queries are signed with, in turns.
    tokens: Sequence[Tokens]

    def supply(self, *, connections: int, logouts: int) -> Sequence[Tokens]:
        """Return the tokens of a window, signing in where they must be new."""
        match self.aim.task.use:
            case Use.KEPT:
                return self.tokens
            case Use.NONE:
                return []
            case Use.RENEWED:
                # Each connection has one request at a time, and so one pair on its way.
                return [self.aim.served.sign_in() for _ in range(connections)]
            case Use.SPENT:
                return self._signed_in(logouts)

    def ensure_effect(
        self, sent: Sequence[Tokens], brought: Sequence[Tokens], seen: Load, *, connections: int
    ) -> None:
        """Ask about a few tokens of a window. Raises `Unfaithful`."""
        task = self.aim.task
        if task.use is Use.KEPT or seen.wrong:
            return
        if task.use is Use.SPENT:
            # They are sent in order, and no more than one for each connection is on its way.
            sent = [sent[0], sent[max(seen.requests - connections, 0)]]
        self.prover.ensure_effect(task, sent=sent, brought=brought[-1:])

    def _signed_in(self, count: int) -> Sequence[Tokens]:
        served = self.aim.served
        expected = tokens.without(served.post(served.sign_in_body()).body)
        seen, brought = load(
            Aim(served, SIGN_IN, expected),
            [],
            connections=CONNECTIONS,
            seconds=PATIENCE_SECONDS,
            requests=count,
        )
        if len(brought) != count:
            raise Unfaithful(f"{served.name} signs in {len(brought)} of {count}. {seen.sample}")
        return brought
