"""Why something happens to sessions and tokens, by whom and in which request.

It is said once, around a verb, and whatever the verb announces tells it. The journal, which may
make a write again after its request has failed, does so on the same occasion.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final


class Reason(StrEnum):
    """Why: a closed vocabulary, for whoever counts or searches."""

    # How a session begins and goes on.
    SIGN_IN = "sign_in"
    ADOPTED = "adopted"
    REFRESH = "refresh"
    # Its user ended it.
    LOGOUT = "logout"
    LOGOUT_ALL = "logout_all"
    REVOKE_SESSION = "revoke_session"
    REVOKE_TOKEN = "revoke_token"  # noqa: S105
    # Something happened to its user.
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    USER_DEACTIVATED = "user_deactivated"
    USER_DELETED = "user_deleted"
    STAFF_LOST = "staff_lost"
    # A rule ended it.
    REFRESH_REUSED = "refresh_reused"
    SESSION_CAP = "session_cap"
    IDLE_TIMEOUT = "idle_timeout"
    # Somebody else did.
    ADMIN = "admin"
    COMMAND = "command"
    OAUTH_REVOCATION = "oauth_revocation"
    # Code that did not say why.
    UNKNOWN = "unknown"


class _Owner:
    """See `OWNER`."""

    def __repr__(self) -> str:
        return "OWNER"


# Stands for whoever's session it is: who presents a token of a session acts as its user.
OWNER: Final = _Owner()


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why, by whom (None: by nobody who is known, or by no user), and in which request, if any.

    `client` is the service that asked for it, by the name it is configured under, if one did.
    """

    reason: Reason = Reason.UNKNOWN
    actor: Any = None
    request: Any = None
    client: str | None = None

    def by(self, owner: Any) -> Any:
        """Return the user who did it to a session of `owner`."""
        return owner if self.actor is OWNER else self.actor

    def within(self, request: Any) -> "Occasion":
        """Return the same occasion, in this request if it says none."""
        return self if self.request is not None else replace(self, request=request)


_current: ContextVar[Occasion | None] = ContextVar("revocation_occasion", default=None)


@contextmanager
def because(
    reason: Reason | str, *, actor: Any = None, request: Any = None, client: str | None = None
) -> Iterator[None]:
    """Say why, by whom and in which request things end or begin inside; the innermost says it.

    `actor` is a user, `OWNER`, or None; `client`, the name of a service. Without a request, that of
    the occasion around it is kept.
    Raises `ValueError` for a reason that `Reason` does not know.
    """
    occasion = Occasion(Reason(reason), actor, request, client)
    with resumed(occasion.within(current().request)):
        yield


def current() -> Occasion:
    """Return the occasion of now."""
    return _current.get() or Occasion()


def is_known() -> bool:
    """Whether somebody has said why."""
    return current().reason is not Reason.UNKNOWN


@contextmanager
def resumed(occasion: Occasion | None) -> Iterator[None]:
    """Go on inside with an occasion of before; with None, with none."""
    token = _current.set(occasion)
    try:
        yield
    finally:
        _current.reset(token)
