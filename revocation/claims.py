"""What a verified token says, and which blacklist keys can revoke it."""

import re
import secrets
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

Key = str

# The last second that databases and `datetime` know.
_END_OF_TIME = 253_402_300_799

_ID_BYTES = 16
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """A verified access token (RFC 9068). `exp` is in epoch seconds."""

    sub: str
    jti: str
    sid: str
    exp: int
    # Shared by every request with this token.
    verified: Mapping[str, Any] = field(repr=False)

    @property
    def payload(self) -> dict[str, Any]:
        """All that the token says, as a copy of one's own."""
        return deepcopy(dict(self.verified))

    @property
    def keys(self) -> tuple[Key, ...]:
        """Any of these on the blacklist revokes the token."""
        return (self.jti, self.sid)

    @property
    def expires_at(self) -> datetime:
        """The moment of `exp`."""
        return moment_of(self.exp)


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """A verified refresh token. `gen` counts the rotations before it; `exp` is in epoch seconds."""

    sub: str
    sid: str
    gen: int
    exp: int

    @property
    def keys(self) -> tuple[Key, ...]:
        """A refresh token stands and falls with its session."""
        return (self.sid,)


def pk_of(user: Any) -> Any:
    """Return the key of a user's row; an object of a derived model may have another of its own."""
    return getattr(user, get_user_model()._meta.pk.attname, user.pk)


def new_id() -> str:
    """Return a `jti` or `sid`: 128 random bits (RFC 7519, 4.1.7).

    Lower-case hexadecimal, because a database may compare text without regard to case.
    """
    return secrets.token_hex(_ID_BYTES)


def moment_of(epoch: int) -> datetime:
    """Return the moment of an `exp` or `iat`."""
    return datetime.fromtimestamp(epoch, tz=UTC)


def is_epoch(value: object) -> bool:
    """Whether `value` can be an `exp` of ours: whole seconds, and a date."""
    return type(value) is int and 0 <= value <= _END_OF_TIME


def is_id(value: object) -> bool:
    """Whether `value` has the form of a `jti` or `sid`."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
