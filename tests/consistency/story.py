"""Histories written by hand, one operation a call; each takes half a second unless it says more."""

from itertools import count
from typing import Any

from .answers import MESSAGES
from .history import DATA, History, Operation, Setting, Token, history_of

FAR = 10**6


class Story:
    """Sessions are named by one letter, accounts likewise; `at` is when an operation was called."""

    def __init__(self, **setting: Any) -> None:
        self._setting = Setting(**{"seed": 1, "clients": 2, "grace_seconds": 5, **setting})
        self._operations: list[Operation] = []
        self._numbers = count()

    def sign_in(self, sid: str, at: float, *, password: str = "", **more: Any) -> Operation:
        return self.add("tokenAuth", at, password=password, gives=(sid, 0), **more)

    def ask(
        self, sid: str, at: float, outcome: str = DATA, *, kind: str = "me", **more: Any
    ) -> Any:
        return self.add(kind, at, outcome, access=access(sid), **more)

    def refresh(self, sid: str, gen: int, at: float, outcome: str = DATA, **more: Any) -> Operation:
        gives = (sid, gen + 1) if outcome == DATA else None
        return self.add(
            "refreshToken", at, outcome, refresh=refresh(sid, gen), **{"gives": gives, **more}
        )

    def log_out(self, sid: str, at: float, outcome: str = DATA, **more: Any) -> Operation:
        return self.add("logout", at, outcome, access=access(sid), **more)

    def log_out_everywhere(
        self, sid: str, at: float, outcome: str = DATA, **more: Any
    ) -> Operation:
        return self.add("logoutAll", at, outcome, access=access(sid), **more)

    def revoke(
        self, target: str, at: float, outcome: str = DATA, *, by: str, **more: Any
    ) -> Operation:
        return self.add("revokeSession", at, outcome, access=access(by), target=target, **more)

    def change_password(
        self,
        sid: str,
        at: float,
        outcome: str = DATA,
        *,
        old: str,
        new: str,
        to: str = "",
        **more: Any,
    ) -> Operation:
        """`to` is the session that the changed one goes on as."""
        gives = (to, 0) if outcome == DATA else None
        return self.add(
            "changePassword",
            at,
            outcome,
            access=access(sid),
            password=old,
            new_password=new,
            gives=gives,
            **more,
        )

    def add(
        self,
        kind: str,
        at: float,
        outcome: str = DATA,
        *,
        until: float | None = None,
        gives: tuple[str, int] | None = None,
        **more: Any,
    ) -> Operation:
        details = {"account": "alice", "message": MESSAGES.get(outcome, ""), **more}
        if gives:
            sid, gen = gives
            # A refresh token is derived from the row alone; the access token beside it is not.
            details.setdefault("new_access", Token(sid, f"jti {next(self._numbers)}", FAR))
            details.setdefault("new_refresh", refresh(sid, gen))
        operation = Operation(
            client=0,
            kind=kind,
            called=at,
            returned=at + 0.5 if until is None else until,
            outcome=outcome,
            **details,
        )
        self._operations.append(operation)
        return operation

    def history(self) -> History:
        return history_of(self._setting, self._operations)


def access(sid: str, *, exp: int = FAR) -> Token:
    return Token(sid, f"jti of {sid}", exp)


def refresh(sid: str, gen: int, *, text: str = "") -> Token:
    return Token(sid, f"{sid}/{gen}{text}", FAR, gen)
