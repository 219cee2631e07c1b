"""Decides over a recorded history alone whether the API kept its promises.

An operation that overlaps a revocation may see either state. One that was called after the
revocation had been acknowledged must be refused, and none may be refused before there was a cause.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from . import answers, passwords, refreshes
from .history import History, Operation
from .lives import Case, Life, lives_of
from .operations import GUARDED
from .report import Report, Violation

# A session, or the token itself, is said to be over.
_ENDED = ("TOKEN_REVOKED", "SESSION_ENDED")


def check(history: History) -> Report:
    """Judge a history."""
    case = Case(history, lives_of(history))
    found = chain(
        answers.violations(case),
        _of_tokens(case),
        _of_returns(case),
        _of_listings(case),
        _of_strangers(case),
        refreshes.violations(case),
        passwords.violations(case),
    )
    return Report(history, tuple(found), case.tested)


def _of_tokens(case: Case) -> Iterator[Violation]:
    """Judge what was answered with tokens, and what was refused."""
    for operation in case.operations(*GUARDED, "refreshToken"):
        token = operation.access or operation.refresh
        life = case.lives.get(token.sid) if token else None
        if life is None:
            yield Violation("history", "the token is of no recorded session", (operation,))
            continue
        is_dead = life.is_known_dead_from < operation.called
        case.tested["ended tokens presented"] += is_dead
        if operation.is_done:
            if is_dead and life.killer:
                sentence = f"{operation.kind} was answered after the session had been ended"
                yield Violation("revoked", sentence, (operation, life.killer, life.opening))
            yield from _of_identity(operation, life)
        elif operation.outcome in _ENDED:
            yield from _of_cause(operation, life)


def _of_identity(operation: Operation, life: Life) -> Iterator[Violation]:
    if operation.username and operation.username != life.account:
        yield Violation("identity", "somebody else was answered", (operation, life.opening))


def _of_cause(operation: Operation, life: Life) -> Iterator[Violation]:
    if life.is_surely_live_until > operation.returned:
        sentence = f"{operation.kind} was refused, and nobody had begun to end the session"
        yield Violation("cause", sentence, (operation, life.opening))


def _of_returns(case: Case) -> Iterator[Violation]:
    """Once a session was seen ended it stays so, whoever ended it, where one database decides.

    With Redis this holds from the acknowledgement on: before, one worker may ask the database
    while another still trusts Redis.
    """
    if case.history.setting.store != "database":
        return
    seen_ended: dict[str, Operation] = {}
    for operation in sorted(case.operations(*GUARDED, "refreshToken"), key=_returned):
        token = operation.access or operation.refresh
        if token and operation.outcome in _ENDED:
            seen_ended.setdefault(token.sid, operation)
    for operation in case.operations(*GUARDED, "refreshToken"):
        token = operation.access or operation.refresh
        first = seen_ended.get(token.sid) if token else None
        if operation.is_done and first and first.returned < operation.called:
            sentence = "a session was seen ended, and then answered"
            yield Violation("revoked", sentence, (operation, first))


def _of_listings(case: Case) -> Iterator[Violation]:
    """The list of sessions has every one that is live, and none that has been ended."""
    of_account: dict[str, list[Life]] = defaultdict(list)
    for life in case.lives.values():
        of_account[life.account].append(life)
    for operation in case.operations("sessions"):
        if not operation.is_done:
            continue
        listed = set(operation.listed)
        for life in of_account[operation.account]:
            if life.sid in listed:
                if life.killer and life.is_known_dead_from < operation.called:
                    sentence = "an ended session was listed"
                    yield Violation("listing", sentence, (operation, life.killer))
            elif (
                life.opening.returned < operation.called
                and operation.returned < life.is_surely_live_until
            ):
                sentence = f"the live session {life.sid} was not listed"
                yield Violation("listing", sentence, (operation, life.opening))
        for sid in listed & case.lives.keys():
            if case.lives[sid].account != operation.account:
                yield Violation("listing", "a stranger's session was listed", (operation,))


def _of_strangers(case: Case) -> Iterator[Violation]:
    """Nobody ends another's session by its id, and everybody finds their own."""
    for operation in case.operations("revokeSession"):
        life = case.lives.get(operation.target)
        if life is None:
            continue
        is_own = life.account == operation.account
        if operation.is_done and not is_own:
            yield Violation("identity", "a stranger's session was ended", (operation,))
        if operation.outcome == "SESSION_NOT_FOUND" and is_own:
            yield Violation("cause", "one's own session was not found", (operation, life.opening))


def _returned(operation: Operation) -> float:
    return operation.returned
