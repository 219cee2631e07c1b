"""What a history tells of each session: when it was opened, and when it can or must have ended.

An operation that was answered took effect between its call and its return. One whose outcome is
not known may have taken effect at any moment after its call, or never.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .history import NO_ANSWER, UNSENT, History, Operation

REUSED = "REFRESH_REUSED"
# Answers after which nothing has changed.
REFUSALS = frozenset(
    {
        "TOKEN_REVOKED",
        "TOKEN_EXPIRED",
        "INVALID_CREDENTIALS",
        "SESSION_ENDED",
        "SESSION_NOT_FOUND",
        "REFRESH_EXPIRED",
        UNSENT,
    }
)


@dataclass(slots=True)
class Life:
    """A session, from the answer that gave its first tokens away.

    `killer` is the first operation to return of those that must have ended it; `suspect` the first
    to be called of those that may have.
    """

    sid: str
    account: str
    opening: Operation
    killer: Operation | None = None
    suspect: Operation | None = None
    exchanges: dict[int, list[Operation]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_known_dead_from(self) -> float:
        """From when on every call meets an ended session."""
        return math.inf if self.killer is None else self.killer.returned

    @property
    def is_surely_live_until(self) -> float:
        """Until when no answer can have met an ended session."""
        return math.inf if self.suspect is None else self.suspect.called

    def exchanges_of(self, gen: int) -> list[Operation]:
        """Return the refreshes with the token of a generation that gave, or may have given, one."""
        return self.exchanges.get(gen, [])

    def has_exchange_from(self, gen: int, *, but: Operation) -> bool:
        """Whether a token of this generation, or a later one, may have been exchanged as well."""
        return any(
            one is not but
            for later in self.exchanges
            if later >= gen
            for one in self.exchanges[later]
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A history laid out for judging; the rules count in `tested` how often they had a say."""

    history: History
    lives: dict[str, Life]
    tested: Counter[str] = field(default_factory=Counter)

    def operations(self, *kinds: str) -> Iterator[Operation]:
        """Yield the operations of these kinds."""
        return (one for one in self.history.operations if one.kind in kinds)


def is_open(operation: Operation) -> bool:
    """Whether nobody can tell if it took effect: no answer, or one that promises nothing."""
    return not (operation.is_done or operation.outcome == REUSED or operation.outcome in REFUSALS)


def end_of_effect(operation: Operation) -> float:
    """Return until when it can have seen what it acts on."""
    return math.inf if operation.outcome == NO_ANSWER else operation.returned


def lives_of(history: History) -> dict[str, Life]:
    """Return every session whose first tokens somebody was given."""
    lives: dict[str, Life] = {}
    for operation in history.operations:
        if operation.kind in ("tokenAuth", "changePassword") and operation.new_refresh:
            sid = operation.new_refresh.sid
            lives[sid] = Life(sid, operation.account, opening=operation)
    _note_exchanges(history, lives)
    for life, operation in _endings(history, lives):
        _note_ending(life, operation)
    return lives


def _note_exchanges(history: History, lives: dict[str, Life]) -> None:
    for operation in history.operations:
        if operation.kind == "refreshToken" and (operation.is_done or is_open(operation)):
            token = operation.refresh
            if token and token.gen is not None and token.sid in lives:
                lives[token.sid].exchanges[token.gen].append(operation)


def _endings(history: History, lives: dict[str, Life]) -> Iterator[tuple[Life, Operation]]:
    """Yield each session with each operation that ended it, or may have."""
    of_account: dict[str, list[Operation]] = defaultdict(list)
    for operation in history.operations:
        if not (operation.is_done or operation.outcome == REUSED or is_open(operation)):
            continue
        if operation.kind in ("logoutAll", "changePassword"):
            of_account[operation.account].append(operation)
        for sid in _ended_by(operation):
            if (life := lives.get(sid)) and (life.account == operation.account):
                yield life, operation
    for life in lives.values():
        yield from ((life, one) for one in of_account[life.account] if _reaches(one, life))


def _ended_by(operation: Operation) -> Iterable[str]:
    """Return the sessions that an operation names to be ended."""
    if operation.kind in ("logout", "revokeToken"):
        return {token.sid for token in (operation.access, operation.refresh) if token}
    if operation.kind == "revokeSession":
        return {operation.target}
    if operation.kind == "refreshToken" and operation.refresh and not operation.is_done:
        return {operation.refresh.sid}
    return ()


def _reaches(operation: Operation, life: Life) -> bool:
    """Whether an operation on all sessions of an account can have ended this one."""
    if operation is life.opening:
        return False
    if operation.is_current_kept and operation.access and operation.access.sid == life.sid:
        return False
    return _ends_password_of(operation, life) or end_of_effect(operation) > life.opening.called


def _note_ending(life: Life, operation: Operation) -> None:
    if _may_end(life, operation) and (
        life.suspect is None or operation.called < life.suspect.called
    ):
        life.suspect = operation
    if _must_end(life, operation) and (
        life.killer is None or operation.returned < life.killer.returned
    ):
        life.killer = operation


def _may_end(life: Life, operation: Operation) -> bool:
    if operation.kind != "refreshToken" or operation.outcome == REUSED:
        return True
    # Of unknown outcome: it ended the session if somebody else had exchanged that token before.
    gen = operation.refresh and operation.refresh.gen
    return life.has_exchange_from(gen or 0, but=operation)


def _must_end(life: Life, operation: Operation) -> bool:
    if is_open(operation):
        return False
    if operation.kind not in ("logoutAll", "changePassword"):
        return True
    return _ends_password_of(operation, life) or operation.called > life.opening.returned


def _ends_password_of(operation: Operation, life: Life) -> bool:
    """Whether it replaces the password the session was opened with, be it opened only later."""
    if operation.kind != "changePassword":
        return False
    opening = life.opening
    opened_with = opening.password if opening.kind == "tokenAuth" else opening.new_password
    return operation.password == opened_with
