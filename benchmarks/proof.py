"""Proof that a contender does what it says, taken before anything is measured and again after.

A contender that answers wrongly, lets in whom it must not, or runs under another's settings has no
cost worth telling.
"""

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

    def environs(self, work: Work, count: int) -> list[Environ]:
        """Return as many requests."""
        return [self.contender.request(work, self.token) for _ in range(count)]


def enter(contender: Contender, work: Work, user: Any) -> Entry:
    """Set a contender up, prove it and sign in. Raises `Unfaithful`."""
    with in_force(contender):
        application = contender.build()
        if contender.is_protecting:
            _ensure_protecting(contender, application, work, user)
        if contender.is_revoking:
            token = contender.sign_in(application, user)
            _ensure_revoking(contender, application, work, token)
        token = contender.sign_in(application, user)
        answer = _ensure_done(contender, application, work, token)
        contender.ensure_faithful(answer.headers)
        statements = _statements(contender, application, work, token)
        return Entry(contender, application, token, statements, answer.body)


def ensure_still_revoking(entry: Entry, work: Work) -> None:
    """Take the token back that was measured. Raises `Unfaithful` if it opens anything still."""
    if entry.contender.is_revoking:
        with in_force(entry.contender):
            _ensure_revoking(entry.contender, entry.application, work, entry.token)


def _ensure_protecting(
    contender: Contender, application: Application, work: Work, user: Any
) -> None:
    token = contender.sign_in(application, user)
    head, _, signature = token.rpartition(".")
    strangers = {
        "no token": "",
        "an expired token": contender.expired_token(user),
        "a forged token": f"{head}.{signature[::-1]}",
    }
    for what, stranger in strangers.items():
        _ensure_refused(contender, application, work, stranger, what=what)


def _ensure_revoking(
    contender: Contender, application: Application, work: Work, token: str
) -> None:
    # What is remembered about a good token must not survive its end.
    _ensure_done(contender, application, work, token)
    contender.revoke(application, token)
    _ensure_refused(contender, application, work, token, what="a revoked token")


def _ensure_done(contender: Contender, application: Application, work: Work, token: str) -> Answer:
    answer = ask(application, contender.request(work, token))
    if not work.is_done(answer):
        raise Unfaithful(f"{contender.name} answers {work.name} with {answer}.")
    return answer


def _ensure_refused(
    contender: Contender, application: Application, work: Work, token: str, *, what: str
) -> None:
    answer = ask(application, contender.request(work, token))
    if not work.is_refused(answer):
        raise Unfaithful(f"{contender.name} answers {what} with {answer}.")


def _statements(contender: Contender, application: Application, work: Work, token: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        send(application, contender.request(work, token))
    return len(captured)
