"""Servers that break their promises, each in one way: the checker must find every one of them.

`BROKEN` in the environment of `tests.consistency.broken_settings` names the way.
"""

import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from revocation import guard, liveness, passwords, sessions
from revocation.models import Session, SessionQuerySet, fingerprint_of, session_rows
from revocation.stores.base import Facts
from revocation.stores.database import DatabaseStore

REMEMBERED_SECONDS = 0.5


class ForgetfulStore(DatabaseStore):
    """In the worker that comes first, nothing was ever revoked."""

    def __init__(self) -> None:
        self._is_forgetful = False
        with suppress(FileExistsError):
            Path(os.environ["BROKEN_FOLDER"], "forgetful").touch(exist_ok=False)
            self._is_forgetful = True

    def facts(self, claims: Any) -> Facts:
        facts = super().facts(claims)
        return forgiven(facts, claims.sid) if self._is_forgetful else facts


class RememberingStore(DatabaseStore):
    """What was good a moment ago is good still."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Facts]] = {}

    def facts(self, claims: Any) -> Facts:
        since, facts = self._known.get(claims.jti, (0.0, None))
        if facts is None or time.monotonic() - since > REMEMBERED_SECONDS:
            facts = super().facts(claims)
            self._known[claims.jti] = time.monotonic(), facts
        return facts


def forgiven(facts: Facts, sid: str) -> Facts:
    if facts.user is None:
        return facts
    fingerprint = fingerprint_of(facts.user.password, sid=sid)
    return facts._replace(is_revoked=False, fingerprint=fingerprint)


def fork_chains() -> None:
    """Exchange a refresh token for whoever comes, without looking who came before."""

    def advance(rows: Any, sid: str, *, gen: int, expires_at: Any, **_: Any) -> bool:
        return bool(rows.filter(pk=sid).update(generation=gen + 1, expires_at=expires_at))

    lifetimes_from = sessions.lifetimes_from

    def differing(*arguments: Any, **options: Any) -> Any:
        lifetimes = lifetimes_from(*arguments, **options)
        return replace(lifetimes, refresh_exp=lifetimes.refresh_exp - random.randrange(100))

    SessionQuerySet.advance = advance
    sessions.lifetimes_from = differing


def leave_windows_open() -> None:
    """Give the successor again, however long ago the rotation was."""
    extend = SessionQuerySet.extend

    def extend_always(rows: Any, sid: str, *, within: Any = None, **options: Any) -> bool:
        return extend(rows, sid, within=within and timedelta(days=1), **options)

    SessionQuerySet.extend = extend_always


def end_too_much() -> None:
    """Log all devices out where one was to be."""
    end = sessions.end

    def end_all(*claims: Any) -> Any:
        users = session_rows().filter(pk__in=[one.sid for one in claims]).values("user_id")
        sessions.end_rows(session_rows().filter(user_id__in=users).values_list("pk", flat=True))
        return end(*claims)

    sessions.end = end_all


def end_sometimes() -> None:
    """Say that a session has ended, now and then without having ended it."""
    end_rows = sessions.end_rows
    sessions.end_rows = lambda sids: [] if random.random() < 0.2 else end_rows(sids)


def refuse_sometimes() -> None:
    """Call a good token revoked, now and then."""
    judge = guard.judge

    def moody(text: str, **options: Any) -> Any:
        if random.random() < 0.02:
            raise guard.TokenRevoked
        return judge(text, **options)

    guard.judge = moody


def take_any_password() -> None:
    passwords.authenticated = lambda username, password, *, request: (
        passwords.get_user_model().objects.get(username=username)
    )


def show_failures() -> None:
    """Answer with what the driver says."""
    facts = DatabaseStore.facts

    def failing(store: Any, claims: Any) -> Facts:
        if random.random() < 0.02:
            raise guard.TokenRevoked("OperationalError: could not connect to server")
        return facts(store, claims)

    DatabaseStore.facts = failing


def list_everything() -> None:
    """List sessions that have ended, too."""
    liveness.live = lambda unended, user, *, now: list(Session.objects.filter(user=user))


WAYS: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (
        fork_chains,
        leave_windows_open,
        end_too_much,
        end_sometimes,
        refuse_sometimes,
        take_any_password,
        show_failures,
        list_everything,
    )
}


def break_promises(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: break this process once, before its first request."""
    WAYS.get(os.environ["BROKEN"], lambda: None)()
    return get_response
