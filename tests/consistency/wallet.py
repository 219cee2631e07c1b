"""What a client holds: pairs of tokens that should work, some that should not, and passwords."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from .operations import access_token, refresh_token

# Few, so that clients meet.
ACCOUNTS_AT_ONCE = 8
LIVE_SESSIONS = 24
PAIRS_OF_A_SESSION = 4
DEAD_PAIRS = 40
PASSWORDS_OF_AN_ACCOUNT = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """The texts of two tokens that came in one answer."""

    account: str
    access: str
    refresh: str

    @property
    def sid(self) -> str:
        return access_token(self.access).sid

    @property
    def gen(self) -> int:
        return refresh_token(self.refresh).gen or 0


class Wallet:
    """Believes what its client has seen or heard of; it may be wrong, the servers decide."""

    def __init__(self, accounts: Iterable[str], *, random: Random) -> None:
        self._random = random
        self._accounts = list(accounts)
        self._passwords: dict[str, list[str]] = {account: [""] for account in self._accounts}
        self._live: dict[str, list[Pair]] = {}
        self._dead: deque[Pair] = deque(maxlen=DEAD_PAIRS)
        self._ended: deque[str] = deque(maxlen=10 * LIVE_SESSIONS)

    def any_account(self) -> str:
        return self._random.choice(self._accounts[:ACCOUNTS_AT_ONCE])

    def abandon(self, account: str) -> None:
        """Turn to another account, if there is one left.

        After an operation of unknown outcome on all its sessions, whatever happens to one of them
        has a possible cause, and the account is no use to the checker.
        """
        if account in self._accounts and len(self._accounts) > 1:
            self._accounts.remove(account)
            self.bury_account(account)

    def keep(self, pair: Pair) -> None:
        """Keep a pair, in the place of another session's if there are many."""
        if pair.sid in self._ended:
            self._dead.append(pair)
            return
        # One of each generation: the same refresh token may come in several answers.
        pairs = {one.gen: one for one in [*self._live.get(pair.sid, []), pair]}
        self._live[pair.sid] = [pairs[gen] for gen in sorted(pairs)[-PAIRS_OF_A_SESSION:]]
        if len(self._live) > LIVE_SESSIONS:
            del self._live[self._random.choice(list(self._live))]

    def bury(self, sids: Iterable[str]) -> None:
        """Believe that sessions have ended."""
        for sid in sids:
            self._ended.append(sid)
            self._dead.extend(self._live.pop(sid, []))

    def bury_account(self, account: str, *, kept: str = "") -> None:
        """Believe that all sessions of an account have ended, or all but one."""
        ended = [sid for sid, pairs in self._live.items() if pairs[0].account == account]
        self.bury(sid for sid in ended if sid != kept)

    def pair_of(self, account: str) -> Pair | None:
        """Return the newest pair of some session of an account."""
        pairs = [some[-1] for some in self._live.values() if some[0].account == account]
        return self._random.choice(pairs) if pairs else None

    def live_pair(self) -> Pair | None:
        """Return the newest pair of a session that should be live."""
        pairs = list(self._live.values())
        return self._random.choice(pairs)[-1] if pairs else None

    def exchangeable_pair(self) -> Pair | None:
        """Return the newest pair of a session, but of some none: their windows are to close."""
        pairs = [some[-1] for some in self._live.values() if not _is_left_alone(some[-1])]
        return self._random.choice(pairs) if pairs else None

    def predecessor(self, *, is_left_alone: bool) -> Pair | None:
        """Return the pair before the newest of any session, or of the oldest that is left alone."""
        pairs = [
            some[-2]
            for some in self._live.values()
            if len(some) > 1 and _is_left_alone(some[-1]) == is_left_alone
        ]
        if not pairs:
            return None
        return pairs[0] if is_left_alone else self._random.choice(pairs)

    def any_live_pair(self) -> Pair | None:
        """Return any pair of a session that should be live; old access tokens work, too."""
        pairs = [pair for some in self._live.values() for pair in some]
        return self._random.choice(pairs) if pairs else None

    def dead_pair(self, *, is_latest: bool = False) -> Pair | None:
        """Return a pair of a session that should have ended, the latest of them or any."""
        if is_latest and self._dead:
            return self._dead[-1]
        return self._random.choice(self._dead) if self._dead else None

    def password(self, account: str) -> str:
        return self._passwords[account][0]

    def old_password(self, account: str) -> str | None:
        """Return one that should no longer be in force."""
        old = self._passwords[account][1:]
        return self._random.choice(old) if old else None

    def learn(self, account: str, password: str) -> None:
        """Believe that this is the password now."""
        known = [one for one in self._passwords[account] if one != password]
        self._passwords[account] = [password, *known][:PASSWORDS_OF_AN_ACCOUNT]

    def suspect(self, account: str, password: str) -> None:
        """Believe that this may be the password now."""
        self._passwords[account].insert(1, password)

    def doubt(self, account: str, password: str) -> None:
        """Try another password of this account next time."""
        known = self._passwords[account]
        if known[0] == password:
            self._passwords[account] = [*known[1:], password]


def _is_left_alone(pair: Pair) -> bool:
    """Whether nobody exchanges it any more, nor ends it by itself: all clients agree on these."""
    return pair.gen > 0 and pair.sid < "4"
