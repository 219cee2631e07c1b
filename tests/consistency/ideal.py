"""A server that keeps every promise and clients that lose some of its answers, without a process.

Each operation takes effect at one moment after its call. Answered ones took effect before their
return; the effect of one whose answer is lost may come much later, or never.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from .answers import MESSAGES
from .history import DATA, NO_ANSWER, History, Operation, Setting, Token, history_of
from .operations import DOCUMENTS, GUARDED
from .story import access, refresh

GRACE_SECONDS = 3
ACCOUNTS = ("alice", "bob")
CLIENTS = 4
LOST_FOR_EACH = 15
# What ends much is rarer than what begins something.
KINDS = (*DOCUMENTS, *(["tokenAuth", "refreshToken"] * 6), "me", "me")

Answer = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Session:
    account: str
    password: str
    gen: int = 0
    rotated_at: float = 0
    is_ended: bool = False


class Ideal:
    """All that an API has to know, and every verb on it in one step."""

    def __init__(self) -> None:
        self._passwords = dict.fromkeys(ACCOUNTS, "")
        self._sessions: dict[str, Session] = {}
        self._sids = count()
        self._verbs: dict[str, Callable[..., Answer]] = {
            "tokenAuth": self._sign_in,
            "me": self._me,
            "verifyToken": self._me,
            "sessions": self._list,
            "refreshToken": self._refresh,
            "logout": self._log_out,
            "revokeToken": self._revoke_token,
            "revokeSession": self._revoke_session,
            "logoutAll": self._log_out_everywhere,
            "changePassword": self._change_password,
        }

    def carry_out(self, kind: str, **given: Any) -> Answer:
        """Return the outcome, and what the answer says besides."""
        if kind in GUARDED and not self._is_live(self._sessions[given["access"].sid]):
            return "TOKEN_REVOKED", {}
        return self._verbs[kind](**given)

    def _is_live(self, session: Session) -> bool:
        return not session.is_ended and session.password == self._passwords[session.account]

    def _of(self, account: str) -> dict[str, Session]:
        return {sid: one for sid, one in self._sessions.items() if one.account == account}

    def _open(self, account: str) -> Answer:
        sid = f"s{next(self._sids)}"
        self._sessions[sid] = Session(account, self._passwords[account])
        return DATA, _pair(sid, 0)

    def _sign_in(self, *, account: str, password: str, **_: Any) -> Answer:
        if password != self._passwords[account]:
            return "INVALID_CREDENTIALS", {}
        return self._open(account)

    def _me(self, *, account: str, **_: Any) -> Answer:
        return DATA, {"username": account}

    def _list(self, *, account: str, **_: Any) -> Answer:
        live = (sid for sid, one in self._of(account).items() if self._is_live(one))
        return DATA, {"listed": tuple(live)}

    def _refresh(self, *, refresh: Token, now: float, **_: Any) -> Answer:
        session = self._sessions[refresh.sid]
        if not self._is_live(session):
            return "SESSION_ENDED", {}
        if session.gen == refresh.gen:
            session.gen, session.rotated_at = session.gen + 1, now
        elif session.gen - 1 != refresh.gen or now - session.rotated_at > GRACE_SECONDS:
            session.is_ended = True
            return "REFRESH_REUSED", {}
        return DATA, _pair(refresh.sid, session.gen)

    def _log_out(self, *, access: Token, **_: Any) -> Answer:
        self._sessions[access.sid].is_ended = True
        return DATA, {}

    def _revoke_token(self, *, refresh: Token, **_: Any) -> Answer:
        self._sessions[refresh.sid].is_ended = True
        return DATA, {}

    def _revoke_session(self, *, account: str, target: str, **_: Any) -> Answer:
        if target not in self._of(account):
            return "SESSION_NOT_FOUND", {}
        self._sessions[target].is_ended = True
        return DATA, {}

    def _log_out_everywhere(
        self, *, account: str, access: Token, is_current_kept: bool, **_: Any
    ) -> Answer:
        for sid, session in self._of(account).items():
            session.is_ended |= not (is_current_kept and sid == access.sid)
        return DATA, {}

    def _change_password(
        self, *, account: str, password: str, new_password: str, **_: Any
    ) -> Answer:
        if password != self._passwords[account]:
            return "INVALID_CREDENTIALS", {}
        for session in self._of(account).values():
            session.is_ended = True
        self._passwords[account] = new_password
        return self._open(account)


def ideal_history(random: Random, *, operations: int) -> History:
    """Let clients act on such a server and return what they would have recorded."""
    crowd = _Crowd(random)
    for _ in range(operations):
        crowd.act()
    crowd.settle()
    setting = Setting(seed=0, clients=CLIENTS, grace_seconds=GRACE_SECONDS, has_faults=True)
    return history_of(setting, crowd.recorded)


class _Crowd:
    """Clients in a time of their own: whoever is free first calls next."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._server = Ideal()
        self._free_at = [random.random() for _ in range(CLIENTS)]
        self._effects: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count(1)
        # With the moment from which on somebody can know them.
        self._tokens: list[tuple[float, str, int]] = []
        self._accounts: dict[str, str] = {}
        self._passwords = {account: [""] for account in ACCOUNTS}
        self.recorded: list[Operation] = []

    def act(self) -> None:
        client = min(range(CLIENTS), key=self._free_at.__getitem__)
        called = self._free_at[client]
        effect, returned = sorted(called + self._random.expovariate(2) for _ in range(2))
        self._free_at[client] = returned + self._random.random()
        self.settle(until=called)
        known = [(sid, gen) for since, sid, gen in self._tokens if since < called]
        kind = self._random.choice(KINDS) if known else "tokenAuth"
        given = self._given(kind, known)
        is_lost = self._random.randrange(LOST_FOR_EACH) == 0
        if is_lost:
            # Late, or never: after whatever is looked at.
            effect = called + self._random.choice([0.1, 5, 20, 10**9])

        def take_effect() -> None:
            outcome, answer = self._server.carry_out(kind, now=effect, **given)
            if not is_lost:
                record(outcome, answer)

        def record(outcome: str, answer: dict[str, Any]) -> None:
            operation = Operation(
                client=client,
                kind=kind,
                called=called,
                returned=returned,
                outcome=outcome,
                message=MESSAGES.get(outcome, ""),
                **given,
                **answer,
            )
            self.recorded.append(operation)
            if operation.new_password and outcome in (DATA, NO_ANSWER):
                self._passwords[operation.account].append(operation.new_password)
            if token := operation.new_refresh:
                self._tokens.append((returned, token.sid, token.gen or 0))
                self._accounts[token.sid] = operation.account

        if is_lost:
            record(NO_ANSWER, {})
        heapq.heappush(self._effects, (effect, next(self._numbers), take_effect))

    def settle(self, until: float = 10**8) -> None:
        """Let happen what happens until then."""
        while self._effects and self._effects[0][0] <= until:
            heapq.heappop(self._effects)[2]()

    def _given(self, kind: str, known: list[tuple[str, int]]) -> dict[str, Any]:
        if kind == "tokenAuth":
            account = self._random.choice(ACCOUNTS)
            return {"account": account, "password": self._any_password(account)}
        # The latest are the likeliest to work.
        sid, gen = self._random.choice(known[-self._random.choice([1, 3, 8, len(known)]) :])
        account = self._accounts[sid]
        if kind in ("refreshToken", "revokeToken"):
            return {"account": account, "refresh": refresh(sid, gen)}
        given: dict[str, Any] = {"account": account, "access": access(sid)}
        if kind == "revokeSession":
            given["target"] = self._random.choice(known)[0]
        if kind == "logoutAll":
            given["is_current_kept"] = self._random.random() < 0.5
        if kind == "changePassword":
            given["password"] = self._any_password(account)
            given["new_password"] = f"p{next(self._numbers)}"
        return given

    def _any_password(self, account: str) -> str:
        return self._random.choice(self._passwords[account][-self._random.choice([1, 1, 3]) :])


def _pair(sid: str, gen: int) -> dict[str, Token]:
    return {"new_access": access(sid), "new_refresh": refresh(sid, gen)}
