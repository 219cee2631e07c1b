"""Proof over HTTP that a server does what it says, before it is measured and again after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .. import tokens
from ..http import Answer
from ..tokens import Tokens
from ..work import Work
from .ground import TOKEN_SECONDS
from .served import Served
from .tasks import Task, Use

# Each over a connection of its own, which the workers share out among themselves: that one of two
# is never met has a chance of 1 in 2 to this power.
ASKED_AGAIN = 16


class Unfaithful(Exception):
    """A contender does not do what it says."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Asks a server what its users and its attackers would. Raises `Unfaithful`."""

    served: Served
    work: Work
    secret: str

    def prove(self) -> dict[str, str]:
        """Ensure that what must be answered is, and what must be refused; return the reasons."""
        token = self.served.sign_in().access
        self.ensure_done(token)
        if not self.served.is_protecting:
            return {}
        # Only its time can be held against the expired one.
        self.ensure_done(tokens.signed_anew(token, secret=self.secret))
        reasons = {
            what: self._ensure_refused(stranger, what=what)
            for what, stranger in self._strangers(token)
        }
        if self.served.is_revoking:
            reasons["a revoked token"] = self.ensure_revoking(token)
        return reasons

    def prove_mutation(self, task: Task) -> str:
        """Ensure that a mutation does what it is for; return its answer, with marks for tokens."""
        pair = self.served.sign_in()
        body = task.body(self.served, pair)
        answer = self.served.post(body, pair.access if task.is_signed else "")
        if answer.status != 200 or set(answer.json) != {"data"}:
            raise Unfaithful(f"{self.served.name} answers {task.name} with {answer}.")
        self.ensure_effect(task, sent=[pair], brought=[tokens.pair_in(answer.body)])
        return tokens.without(answer.body)

    def ensure_effect(
        self, task: Task, *, sent: Sequence[Tokens], brought: Sequence[Tokens | None]
    ) -> None:
        """Ensure that tokens that were sent are worth nothing, or that those brought are good."""
        if task.use is Use.SPENT:
            for pair in sent if self.served.is_revoking else ():
                self._ensure_refused(pair.access, what="a token after its logout")
            return
        for pair in brought:
            if pair is None:
                raise Unfaithful(f"{self.served.name} brings no token by {task.name}.")
            self.ensure_done(pair.access)

    def ensure_done(self, token: str) -> Answer:
        """Ensure that each worker answers a good token rightly; return an answer."""
        for _ in range(ASKED_AGAIN):
            answer = self.served.post(self.work.body, token)
            if not self.work.is_done(answer):
                raise Unfaithful(f"{self.served.name} answers a good token with {answer}.")
        return answer

    def ensure_revoking(self, token: str) -> str:
        """Ensure that a token is good until it is revoked, and no longer; return the reason."""
        # Whatever a worker remembers about a good token must not outlive it.
        self.ensure_done(token)
        self.served.revoke(token)
        return self._ensure_refused(token, what="a revoked token")

    def _strangers(self, token: str) -> Iterator[tuple[str, str]]:
        yield "no token", ""
        yield "a forged token", tokens.forged(token)
        ago = -2 * TOKEN_SECONDS
        yield "an expired token", tokens.signed_anew(token, secret=self.secret, seconds=ago)

    def _ensure_refused(self, token: str, *, what: str) -> str:
        for _ in range(ASKED_AGAIN):
            answer = self.served.post(self.work.body, token)
            reason = self.work.refusal(answer)
            if reason is None:
                raise Unfaithful(f"{self.served.name} answers {what} with {answer}.")
        return reason
