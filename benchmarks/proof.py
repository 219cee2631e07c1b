"""Proof that a contender does what it says, taken before anything is measured and again after.

A contender that answers wrongly, lets in whom it must not, or runs under another's settings has no
cost worth telling.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from .contenders import Contender
from .http import Answer, Application, Environ, ask, send
from .switching import in_force
from .work import Work


class Unfaithful(Exception):
    """A contender does not do what it says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender that has proved itself, signed in and ready to be measured."""

    contender: Contender
    application: Application
    token: str
    # What one request costs the database, and the only right answer to it.
    statements: int
    body: bytes
    # What was refused, and with which reason.
    refusals: Mapping[str, str]

    def environs(self, work: Work, count: int) -> list[Environ]:
        """Return as many requests."""
        return [self.contender.request(work, self.token) for _ in range(count)]


def enter(contender: Contender, work: Work, user: Any) -> Entry:
    """Set a contender up, prove it and sign in. Raises `Unfaithful`."""
    with in_force(contender):
        application = contender.build()
        prover = Prover(contender, application, work)
        refusals = prover.prove(user)
        token = contender.sign_in(application, user)
        answer = prover.ensure_done(token)
        contender.ensure_faithful(answer.headers)
        statements = _statements(application, contender.request(work, token))
        return Entry(contender, application, token, statements, answer.body, refusals)


def ensure_still_revoking(entry: Entry, work: Work) -> None:
    """Take the token back that was measured. Raises `Unfaithful` if it opens anything still."""
    if entry.contender.is_revoking:
        with in_force(entry.contender):
            Prover(entry.contender, entry.application, work).ensure_revoking(entry.token)


@dataclass(frozen=True, slots=True)
class Prover:
    """Asks a contender what its users and its attackers would. Raises `Unfaithful`."""

    contender: Contender
    application: Application
    work: Work

    def prove(self, user: Any) -> dict[str, str]:
        """Ensure that whatever must be refused is; return the reasons."""
        reasons = {}
        if self.contender.is_protecting:
            token = self.contender.sign_in(self.application, user)
            for what, stranger in self._strangers(token, user).items():
                reasons[what] = self._ensure_refused(stranger, what=what)
        if self.contender.is_revoking:
            token = self.contender.sign_in(self.application, user)
            reasons["a revoked token"] = self.ensure_revoking(token)
        return reasons

    def ensure_done(self, token: str) -> Answer:
        """Ensure that a good token gets the right answer, and return that."""
        answer = ask(self.application, self.contender.request(self.work, token))
        if not self.work.is_done(answer):
            raise Unfaithful(f"{self.contender.name} answers a good token with {answer}.")
        return answer

    def ensure_revoking(self, token: str) -> str:
        """Ensure that a token is good until it is revoked, and no longer; return the reason."""
        # Whatever is remembered about a good token must not outlive it.
        self.ensure_done(token)
        self.contender.revoke(self.application, token)
        return self._ensure_refused(token, what="a revoked token")

    def _strangers(self, token: str, user: Any) -> dict[str, str]:
        head, _, signature = token.rpartition(".")
        return {
            "no token": "",
            "a forged token": f"{head}.{signature[::-1]}",
            "an expired token": self.contender.expired_token(user),
        }

    def _ensure_refused(self, token: str, *, what: str) -> str:
        answer = ask(self.application, self.contender.request(self.work, token))
        reason = self.work.refusal(answer)
        if reason is None:
            raise Unfaithful(f"{self.contender.name} answers {what} with {answer}.")
        return reason


def _statements(application: Application, environ: Environ) -> int:
    with CaptureQueriesContext(connection) as captured:
        send(application, environ)
    return len(captured)
