"""Rules for every answer by itself: which refusals a field may give, and in which words."""

from collections.abc import Iterator

from .history import DATA, NO_ANSWER, UNAVAILABLE, UNSENT, Operation, Setting
from .lives import Case
from .report import Violation

# Another text under the same reason is a driver's, or an exception's.
MESSAGES = {
    "TOKEN_REVOKED": "Token has been revoked",
    "TOKEN_EXPIRED": "Signature has expired",
    "INVALID_CREDENTIALS": "Please enter valid credentials",
    "SESSION_NOT_FOUND": "Session not found",
    "SESSION_ENDED": "Invalid refresh token",
    "REFRESH_REUSED": "Invalid refresh token",
    "REFRESH_EXPIRED": "Refresh token is expired",
    UNAVAILABLE: "Service unavailable, retry later",
}
_OF_A_TOKEN = frozenset({"TOKEN_REVOKED", "TOKEN_EXPIRED"})
REFUSALS_OF = {
    "tokenAuth": frozenset({"INVALID_CREDENTIALS"}),
    "me": _OF_A_TOKEN,
    "verifyToken": _OF_A_TOKEN,
    "sessions": _OF_A_TOKEN,
    "logoutAll": _OF_A_TOKEN,
    "revokeSession": _OF_A_TOKEN | {"SESSION_NOT_FOUND"},
    "changePassword": _OF_A_TOKEN | {"INVALID_CREDENTIALS"},
    "refreshToken": frozenset({"SESSION_ENDED", "REFRESH_REUSED", "REFRESH_EXPIRED"}),
    "revokeToken": frozenset({"REFRESH_EXPIRED"}),
    # It is never refused: who has no session left is logged out as well.
    "logout": frozenset[str](),
}
# Clocks are compared in whole seconds.
_ROUNDING_SECONDS = 1


def violations(case: Case) -> Iterator[Violation]:
    """Judge outcomes, texts and expiry."""
    setting = case.history.setting
    for operation in case.history.operations:
        yield from _of_outcome(operation, setting)
        yield from _of_expiry(operation, setting)


def _of_outcome(operation: Operation, setting: Setting) -> Iterator[Violation]:
    outcome, kind = operation.outcome, operation.kind
    if outcome == DATA:
        return
    if outcome in (UNAVAILABLE, NO_ANSWER, UNSENT):
        if not setting.has_faults:
            yield Violation("availability", f"{kind} failed and nothing was broken", (operation,))
    elif outcome not in REFUSALS_OF[kind]:
        yield Violation("codes", f"{kind} must not be refused with {outcome}", (operation,))
    if operation.message != MESSAGES.get(outcome, ""):
        yield Violation("texts", f"{outcome} came with a text of its own", (operation,))


def _of_expiry(operation: Operation, setting: Setting) -> Iterator[Violation]:
    token = operation.access or operation.refresh
    if token is None:
        return
    slack = setting.clock_skew + _ROUNDING_SECONDS
    was_expired = operation.called + setting.epoch > token.exp + slack
    is_expired = operation.returned + setting.epoch > token.exp - slack
    # A logout ends the session of an expired token as well.
    if was_expired and operation.is_done and operation.kind != "logout":
        yield Violation("expiry", "an expired token was accepted", (operation,))
    if not is_expired and operation.outcome in ("TOKEN_EXPIRED", "REFRESH_EXPIRED"):
        yield Violation("expiry", "a token was called expired before it was", (operation,))
