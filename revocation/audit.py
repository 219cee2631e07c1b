"""A line for whatever happens to sessions, tokens and passwords: the logger `revocation.audit`.

A line is `key=value` pairs, and a record carries them as the dictionary `audit`, of all `FIELDS`.
Nothing in it opens anything: a session's id and a token's `jti` are keys of the blacklist. What was
typed as a user name is not told, since it may be a password in the wrong box.
"""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from django.dispatch import Signal

from . import signals
from .device import network_of

EVENTS: Final[Mapping[Signal, str]] = {
    signals.session_opened: "session_opened",
    signals.session_adopted: "session_adopted",
    signals.session_rotated: "session_rotated",
    signals.session_ended: "session_ended",
    signals.refresh_reused: "refresh_reused",
    signals.token_revoked: "token_revoked",
    signals.attempt_failed: "attempt_failed",
    signals.locked_out: "locked_out",
}
# Somebody may be at work who should not be; whatever else is told at level INFO.
ALARMS: Final = frozenset({"refresh_reused", "locked_out"})
FIELDS: Final = (
    "event",
    "reason",
    "session",
    "user",
    "actor",
    "client",
    "jti",
    "door",
    "counted_for",
    "address",
)
# What needs no quotes, so that a pair ends where a space is and a line where it ends.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+-]+")

logger = logging.getLogger("revocation.audit")


def connect() -> None:
    """Listen to every signal there is."""
    for signal in EVENTS:
        signal.connect(_note, dispatch_uid="revocation.audit")


def line_of(fields: Mapping[str, str | None]) -> str:
    """Return one line of text, whatever the values: nobody can end it and begin another."""
    return " ".join(f"{name}={_quoted(value)}" for name, value in fields.items() if value)


def _note(signal: Signal, **details: Any) -> None:
    event = EVENTS[signal]
    level = logging.WARNING if event in ALARMS else logging.INFO
    if logger.isEnabledFor(level):
        fields = _fields(event, **details)
        logger.log(level, "%s", line_of(fields), extra={"audit": fields})


def _fields(event: str, **details: Any) -> dict[str, str | None]:
    session = details.get("session")
    known = {
        "event": event,
        "reason": details.get("reason"),
        "session": details.get("sid") if session is None else session.pk,
        "user": details.get("user_pk") if session is None else session.user_id,
        "actor": getattr(details.get("actor"), "pk", None),
        "client": details.get("client"),
        "jti": details.get("jti"),
        "door": details.get("door"),
        "counted_for": details.get("counted_for"),
        "address": details.get("address") or network_of(details.get("request")),
    }
    # A primary key may be 0, and an address unknown.
    return {name: None if known[name] in {None, ""} else str(known[name]) for name in FIELDS}


def _quoted(value: str | None) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
