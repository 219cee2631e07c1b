"""Counts what this worker does: verdicts, what mutations came to, alarms and failures.

Nothing of who asked is looked at.
"""

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from graphql import ExecutionResult

from revocation import guard, signals
from revocation.errors import RevocationError

from ..documents import Operation, root_fields
from ..environment import env
from .counts import NANOSECONDS, Counts
from .families import (
    LOCKOUTS,
    LOGOUTS,
    OTHER,
    REFRESHES,
    REUSE_ALARMS,
    SIGN_INS,
    SIZE,
    STORE_ERRORS,
    VERDICT_SECONDS,
    VERDICTS,
    first_of,
    places_of,
)
from .folder import FOLDER

_MUTATIONS = {
    "tokenAuth": places_of(SIGN_INS),
    "refreshToken": places_of(REFRESHES),
    **dict.fromkeys(("logout", "logoutAll", "revokeSession", "revokeToken"), places_of(LOGOUTS)),
}


def is_on() -> bool:
    """Whether anybody may ask for what is counted."""
    return bool(settings.METRICS_TOKEN)


@cache
def counts() -> Counts:
    """Return the numbers that all workers count together, where a folder was given for them."""
    folder = env.str(FOLDER, default="")
    return Counts(SIZE, folder=Path(folder) if folder else None)


def connect() -> None:
    """Count from now on what this process does."""
    guard.watch(_watcher(counts()))
    signals.refresh_reused.connect(_count_alarm, dispatch_uid=__name__)
    signals.locked_out.connect(_count_lockout, dispatch_uid=__name__)
    signals.store_failed.connect(_count_failure, dispatch_uid=__name__)


def disconnect() -> None:
    """Count no more."""
    guard.watch(None)
    signals.refresh_reused.disconnect(dispatch_uid=__name__)
    signals.locked_out.disconnect(dispatch_uid=__name__)
    signals.store_failed.disconnect(dispatch_uid=__name__)


def count_mutations(operation: Operation, result: ExecutionResult) -> None:
    """Count what the root fields of a mutation came to; a field that was skipped is none."""
    if result.data is None:
        return
    reasons = {
        error.path[0]: _reason_of(error.original_error)
        for error in result.errors or ()
        # One further down is about what was asked of the result: the field has done its work.
        if error.path and len(error.path) == 1
    }
    fields = root_fields(operation.node.selection_set, operation.fragments)
    for key in result.data:
        if places := _MUTATIONS.get(fields[key]):
            counts().add(places.get(reasons.get(key, ""), places[OTHER]))


def _reason_of(error: Exception | None) -> str:
    # Errors of others may have a `reason` too, of whatever kind, and an empty one at that.
    return error.reason if isinstance(error, RevocationError) else OTHER


def _watcher(counts: Counts) -> guard.Watcher:
    places, spans = places_of(VERDICTS), first_of(VERDICT_SECONDS)
    ends = [round(end * NANOSECONDS) for end in VERDICT_SECONDS.ends]
    return counts.timer(places, places[OTHER], spans=spans, ends=ends)


def _count_alarm(**_: Any) -> None:
    counts().add(first_of(REUSE_ALARMS))


def _count_lockout(*, door: str, **_: Any) -> None:
    counts().add(places_of(LOCKOUTS)[door])


def _count_failure(*, store: str, **_: Any) -> None:
    counts().add(places_of(STORE_ERRORS)[store])
