"""Proof that a contender does what it says, taken before anything is measured and again after.

A contender that answers wrongly, lets in whom it must not, or runs under another's settings has no
cost worth telling.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from . import tokens
from .contenders import Contender
from .http import Answer, Application, Environ, answer_of, ask, send
from .switching import in_force
from .work import Kind, Logout, Work

# What opens and closes transactions and asks for nothing.
_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
# How many requests are counted for what one of them asks.
_COUNTED = 3


class Unfaithful(Exception):
    """A contender does not do what it says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender that has proved itself at a piece of work, ready to be measured."""

    contender: Contender
    work: Kind
    application: Application
    token: str
    # What one request costs the database.
    statements: int
    # What was refused, and with which reason.
    refusals: Mapping[str, str]

    def environs(self, count: int) -> list[Environ]:
        """Return as many requests."""
        return self.work.environs(self.contender, self.application, self.token, count=count)

    def ensure_done(self, answers: Iterable[tuple[str, list[Any], bytes]]) -> None:
        """Raise `Unfaithful` unless each of these answers is right."""
        seen: set[bytes] = set()
        for sent in answers:
            # Queries bring the same bytes each time: those are looked into once.
            if sent[2] not in seen and not self.work.is_done(answer_of(*sent), by=self.contender):
                raise Unfaithful(
                    f"{self.contender.name} answered differently while it was measured."
                )
            seen.add(sent[2])


def enter(contender: Contender, work: Kind, user: Any, *, me: Work) -> Entry:
    """Set a contender up, prove it and sign in. Raises `Unfaithful`."""
    with in_force(contender):
        application = contender.build()
        prover = Prover(contender, application, work if isinstance(work, Work) else me)
        refusals = prover.prove(user)
        if isinstance(work, Logout):
            prover.ensure_ending()
        token = contender.sign_in(application, user)
        contender.ensure_faithful(prover.ensure_done(token).headers)
        environs = work.environs(contender, application, token, count=_COUNTED)
        # Now and then a sign-in tidies up as well, which is not what is counted.
        statements = min(_statements(application, environ) for environ in environs)
        return Entry(contender, work, application, token, statements, refusals)


def ensure_still_revoking(entry: Entry, *, me: Work) -> None:
    """Take the token back that was measured. Raises `Unfaithful` if it opens anything still."""
    if entry.contender.is_revoking:
        with in_force(entry.contender):
            Prover(entry.contender, entry.application, me).ensure_revoking(entry.token)


@dataclass(frozen=True, slots=True)
class Prover:
    """Asks a contender what its users and its attackers would. Raises `Unfaithful`."""

    contender: Contender
    application: Application
    work: Work

    def prove(self, user: Any) -> dict[str, str]:
        """Ensure that whatever must be refused is; return the reasons."""
        reasons: dict[str, str] = {}
        if self.work.is_open:
            return reasons
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

    def ensure_ending(self) -> None:
        """Ensure that who logged out is refused a refresh, or is not, as the contender says."""
        contender, pair = self.contender, self.contender.tokens(self.application)
        ask(self.application, contender.logout_request(pair))
        answer = ask(self.application, contender.refresh_request(pair))
        if bool(contender.tokens_of(answer).access) is contender.is_ending_sessions:
            raise Unfaithful(f"{contender.name} answers a refresh after a logout with {answer}.")

    def _strangers(self, token: str, user: Any) -> dict[str, str]:
        return {
            "no token": "",
            "a forged token": tokens.forged(token),
            "an expired token": self.contender.expired_token(user),
        }

    def _ensure_refused(self, token: str, *, what: str) -> str:
        answer = ask(self.application, self.contender.request(self.work, token))
        reason = self.work.refusal(answer)
        if reason is None:
            raise Unfaithful(f"{self.contender.name} answers {what} with {answer}.")
        return reason


def _statements(application: Application, environ: Environ) -> int:
    """Count what one request asks the database, transaction control aside."""
    with CaptureQueriesContext(connection) as captured:
        send(application, environ)
    return sum(not query["sql"].upper().startswith(_CONTROL) for query in captured)
