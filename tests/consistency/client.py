"""One client process: acts at random, tells its peers, and has every operation recorded.

Started by `Load` as `python -m tests.consistency.client`, with its orders on standard input: one
line of JSON to begin with, another whenever the servers move. It leaves when the input ends.
"""

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

from .gossip import Gossip
from .history import UNSENT, Operation
from .recorder import Recorder
from .wallet import Pair, Wallet
from .wire import Wire

# `verifyToken` alone needs no row of the user, so only Redis may be asked.
QUESTIONS = ("me", "verifyToken", "verifyToken", "sessions")
# Of a server that is away, nothing is learned by asking as fast as one can.
PAUSE_SECONDS = 0.02


class Client:
    """Somebody with several accounts, and several devices for each."""

    def __init__(self, orders: dict[str, Any]) -> None:
        number, folder = orders["number"], Path(orders["folder"])
        self._number = number
        self._random = Random(f"{orders['seed']}:{number}")
        self._wallet = Wallet(orders["accounts"], random=self._random)
        self._wire = Wire(orders["urls"], patience=orders["patience"], random=self._random)
        self._gossip = Gossip(folder, number=number, clients=orders["clients"])
        record = folder / f"{number}.jsonl"
        self._recorder = Recorder(record, self._wire, client=number, random=self._random)
        self._is_over = Event()
        self._moves: deque[list[str]] = deque()
        self._changes = 0
        self._quiet = set(orders["accounts"][::2])
        self._first_password: str = orders["password"]
        # How often each act is chosen.
        self._acts: dict[Callable[[], object], int] = {
            self._sign_in: 10,
            self._sign_in_with_old_password: 2,
            self._ask: 44,
            self._ask_with_dead_token: 8,
            self._refresh: 10,
            self._refresh_together: 4,
            self._refresh_with_predecessor: 6,
            self._refresh_with_dead_token: 3,
            self._log_out: 4,
            self._log_out_again: 1,
            self._revoke_session: 2,
            self._revoke_strangers_session: 1,
            self._log_out_everywhere: 2,
            self._change_password: 2,
        }

    def run(self) -> None:
        """Act until standard input ends."""
        Thread(target=self._take_orders, daemon=True).start()
        acts, weights = list(self._acts), list(self._acts.values())
        while not self._is_over.is_set():
            while self._moves:
                self._wire.use(self._moves.popleft())
            for news in self._gossip.heard():
                self._react(**news)
            self._random.choices(acts, weights)[0]()

    def _take_orders(self) -> None:
        for line in sys.stdin:
            self._moves.append(json.loads(line)["urls"])
        self._is_over.set()

    def _sign_in(self) -> None:
        account = self._wallet.any_account()
        self._try_password(account, self._wallet.password(account))

    def _sign_in_with_old_password(self) -> None:
        account = self._wallet.any_account()
        if (password := self._wallet.old_password(account)) is not None:
            self._try_password(account, password)

    def _try_password(self, account: str, password: str) -> None:
        variables = {"username": account, "password": self._text_of(password)}
        self._send("tokenAuth", variables, account=account, password=password)

    def _ask(self) -> None:
        if pair := self._wallet.any_live_pair():
            self._question(pair)

    def _ask_with_dead_token(self) -> None:
        if pair := self._wallet.dead_pair():
            self._question(pair)

    def _question(self, pair: Pair) -> None:
        self._send(self._random.choice(QUESTIONS), {}, account=pair.account, bearer=pair)

    def _refresh(self) -> None:
        if pair := self._wallet.exchangeable_pair():
            self._exchange(pair)

    def _refresh_together(self) -> None:
        if pair := self._wallet.exchangeable_pair():
            self._gossip.tell(join=asdict(pair))
            self._exchange(pair)

    def _refresh_with_predecessor(self) -> None:
        is_left_alone = self._random.random() < 0.3
        if pair := self._wallet.predecessor(is_left_alone=is_left_alone):
            self._exchange(pair)

    def _refresh_with_dead_token(self) -> None:
        if pair := self._wallet.dead_pair():
            self._exchange(pair)

    def _exchange(self, pair: Pair) -> None:
        self._send("refreshToken", {"token": pair.refresh}, account=pair.account, given=pair)

    def _log_out(self) -> None:
        if pair := self._wallet.exchangeable_pair():
            self._end(pair)

    def _log_out_again(self) -> None:
        if pair := self._wallet.dead_pair():
            self._end(pair)

    def _end(self, pair: Pair) -> None:
        if self._random.random() < 0.5:
            self._send("logout", {}, account=pair.account, bearer=pair)
        else:
            kind = self._random.choice(["logout", "revokeToken"])
            self._send(kind, {"token": pair.refresh}, account=pair.account, given=pair)

    def _revoke_session(self) -> None:
        if pair := self._wallet.exchangeable_pair():
            self._revoke(self._wallet.pair_of(pair.account) or pair, pair.sid)

    def _revoke_strangers_session(self) -> None:
        pair, other = self._wallet.live_pair(), self._wallet.live_pair()
        if pair and other and pair.account != other.account:
            self._revoke(pair, other.sid)

    def _revoke(self, pair: Pair, target: str) -> None:
        details = {"account": pair.account, "bearer": pair, "target": target}
        self._send("revokeSession", {"id": target}, **details)

    def _log_out_everywhere(self) -> None:
        if pair := self._restless_pair():
            is_kept = self._random.random() < 0.5
            details = {"account": pair.account, "is_current_kept": is_kept}
            self._send("logoutAll", {"kept": is_kept}, bearer=pair, **details)

    def _change_password(self) -> None:
        if pair := self._restless_pair():
            self._changes += 1
            old, new = self._wallet.password(pair.account), f"{self._number}.{self._changes}"
            details = {"account": pair.account, "bearer": pair, "password": old}
            variables = {"old": self._text_of(old), "new": self._text_of(new)}
            self._send("changePassword", variables, new_password=new, **details)

    def _restless_pair(self) -> Pair | None:
        """Return a pair whose account may be ended whole: half of them are seldom, to grow old."""
        pair = self._wallet.live_pair()
        is_quiet = pair is not None and pair.account in self._quiet
        return None if is_quiet and self._random.random() < 0.9 else pair

    def _send(self, kind: str, variables: dict[str, Any], **details: Any) -> None:
        operation, pair = self._recorder.send(kind, variables, **details)
        if operation.outcome == UNSENT:
            time.sleep(PAUSE_SECONDS)
        self._learn(operation)
        if pair:
            self._wallet.keep(pair)
            self._gossip.tell(pair=asdict(pair))

    def _learn(self, operation: Operation) -> None:
        """Believe what an answer says, and tell the others."""
        account = operation.account
        presented = [token.sid for token in (operation.access, operation.refresh) if token]
        match operation.kind, operation.outcome:
            case _, "TOKEN_REVOKED" | "SESSION_ENDED" | "REFRESH_REUSED":
                self._wallet.bury(presented)
            case "tokenAuth" | "changePassword", "INVALID_CREDENTIALS":
                self._wallet.doubt(account, operation.password)
            case "logout" | "revokeToken", "data":
                self._told(ended=presented)
            case "revokeSession", "data":
                self._told(ended=[operation.target])
            case "logoutAll", "data":
                kept = presented[0] if operation.is_current_kept else ""
                self._told(account=account, kept=kept)
            case "changePassword", "data":
                self._told(account=account, password=operation.new_password)
            case "changePassword" | "logoutAll", "no answer":
                self._told(abandoned=account)
            case "changePassword", "REVOCATION_UNAVAILABLE":
                self._wallet.suspect(account, operation.new_password)

    def _told(self, **news: Any) -> None:
        self._believe(**news)
        self._gossip.tell(**news)

    def _believe(
        self,
        *,
        ended: list[str] | None = None,
        account: str = "",
        kept: str = "",
        password: str = "",
        abandoned: str = "",
    ) -> None:
        self._wallet.bury(ended or [])
        self._wallet.abandon(abandoned)
        if account:
            self._wallet.bury_account(account, kept=kept)
        if password:
            self._wallet.learn(account, password)

    def _react(
        self,
        *,
        pair: dict[str, str] | None = None,
        join: dict[str, str] | None = None,
        **news: Any,
    ) -> None:
        """Take part in what another client has told; try at once what it has ended."""
        if pair:
            self._wallet.keep(Pair(**pair))
        elif join:
            self._exchange(Pair(**join))
        else:
            self._believe(**news)
            if (dead := self._wallet.dead_pair(is_latest=True)) and self._random.random() < 0.5:
                self._question(dead)

    def _text_of(self, password: str) -> str:
        """Return the password that has this number; the first has none."""
        return f"{self._first_password} {password}".rstrip()


if __name__ == "__main__":
    Client(json.loads(sys.stdin.readline())).run()
