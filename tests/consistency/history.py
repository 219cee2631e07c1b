"""What a load leaves behind: every operation with the moments of its call and its return.

Moments are `time.monotonic()`, one clock for all processes of a machine. No token and no password
is in it: tokens are known by their ids, refresh tokens also by a digest, passwords by a number.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Outcomes beside the reasons of `docs/errors.md`.
DATA = "data"
UNAVAILABLE = "REVOCATION_UNAVAILABLE"
# Nothing came back: it was carried out, or not, or will be.
NO_ANSWER = "no answer"
# The connection was never made, so nothing can have been carried out.
UNSENT = "unsent"
# An answer that is no GraphQL, or contradicts itself.
UNREADABLE = "unreadable answer"

_MUST = frozenset({"client", "called", "returned"})


@dataclass(frozen=True, slots=True)
class Token:
    """An access token (`gen` is None) or a refresh token; `id` is its `jti` or a digest of it."""

    sid: str
    id: str
    exp: int
    gen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request of one client, for one root field, and what came of it."""

    client: int
    kind: str
    called: float
    returned: float
    outcome: str
    account: str
    message: str = ""
    worker: str = ""
    # What was sent.
    access: Token | None = None
    refresh: Token | None = None
    password: str = ""
    new_password: str = ""
    target: str = ""
    is_current_kept: bool = False
    # What came back.
    new_access: Token | None = None
    new_refresh: Token | None = None
    username: str = ""
    listed: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the answer says that it was carried out."""
        return self.outcome == DATA

    def as_line(self) -> str:
        """Return it as one line of JSON, without what is empty."""
        content = asdict(self)
        return json.dumps(
            {name: content[name] for name in content if content[name] or name in _MUST}
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened to the servers."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Under which circumstances a load ran: all that the checker needs to know besides."""

    seed: int
    clients: int
    database: str = "sqlite"
    store: str = "database"
    grace_seconds: float = 10
    # Wall clock minus monotonic clock: tells which tokens had expired.
    epoch: float = 0
    # By how much the clocks of the workers may be wrong.
    clock_skew: float = 0
    # Whether something was broken on purpose: only then may an operation be unavailable.
    has_faults: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The operations of one load in the order of their calls."""

    setting: Setting
    operations: tuple[Operation, ...]
    marks: tuple[Mark, ...] = field(default=())

    def save(self, path: Path) -> Path:
        """Write it as lines of JSON."""
        with path.open("w") as file:
            for line in self._lines():
                file.write(line + "\n")
        return path

    def _lines(self) -> Iterator[str]:
        yield json.dumps({"setting": asdict(self.setting)})
        yield from (json.dumps({"mark": asdict(mark)}) for mark in self.marks)
        yield from (operation.as_line() for operation in self.operations)


def history_of(
    setting: Setting, operations: Iterable[Operation], marks: Iterable[Mark] = ()
) -> History:
    """Return the history of operations that come in any order."""
    by_call = sorted(operations, key=lambda operation: operation.called)
    return History(setting, tuple(by_call), tuple(sorted(marks, key=lambda mark: mark.at)))


def load_history(path: Path) -> History:
    """Read what `History.save` wrote."""
    with path.open() as file:
        setting = Setting(**json.loads(next(file))["setting"])
        marks, operations = [], []
        for line in file:
            content = json.loads(line)
            if "mark" in content:
                marks.append(Mark(**content["mark"]))
            else:
                operations.append(_operation(content))
    return history_of(setting, operations, marks)


def read_operations(path: Path) -> list[Operation]:
    """Read lines that are operations alone."""
    with path.open() as file:
        return [_operation(json.loads(line)) for line in file]


def _operation(content: dict[str, Any]) -> Operation:
    for name in ("access", "refresh", "new_access", "new_refresh"):
        if name in content:
            content[name] = Token(**content[name])
    return Operation(**{**content, "listed": tuple(content.get("listed", ()))})
