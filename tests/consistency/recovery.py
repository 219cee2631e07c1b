"""How long it took until a broken part was overcome, read from a history."""

import math
from dataclasses import dataclass

from .history import NO_ANSWER, UNAVAILABLE, UNSENT, History, Operation


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds since the moment asked about; infinite for what never happened."""

    # Until the first operation called since was carried out.
    first: float
    # Until the call of the last one that failed; 0 if none did.
    last_failure: float
    # Until every kind of operation had been carried out.
    all_kinds: float

    @property
    def steady(self) -> float:
        """Until everything worked, and went on working."""
        return max(self.last_failure, self.all_kinds)


def recovery(history: History, *, since: float, until: float = math.inf) -> Recovery:
    """Look at what was called between two moments; nothing else must be broken in between.

    An operation that hung counts from its call: it may have waited for what was already there.
    """
    seen = [one for one in history.operations if since <= one.called < until]
    failed = [one.called for one in seen if one.outcome in (UNAVAILABLE, NO_ANSWER, UNSENT)]
    kinds = {one.kind for one in history.operations if one.is_done}
    return Recovery(
        first=_first_done(seen) - since,
        last_failure=max(failed, default=since) - since,
        all_kinds=max((_first_done(seen, kind) for kind in kinds), default=math.inf) - since,
    )


def _first_done(operations: list[Operation], kind: str = "") -> float:
    done = (one.returned for one in operations if one.is_done and kind in ("", one.kind))
    return min(done, default=math.inf)
