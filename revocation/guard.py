"""The one place that decides who a request is.

The verdict is remembered on the request, and asked anew once anything was revoked in this process.
When the answer cannot be known, access is refused.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser

from .claims import AccessClaims
from .conf import conf
from .errors import (
    RevocationError,
    TokenInvalid,
    TokenMissing,
    TokenRevoked,
    UserInactive,
    refusing_when_unavailable,
)
from .journal import latest_write
from .models import is_fingerprint_of
from .stores import Facts, current_store
from .tokens import read_access

T = TypeVar("T")

# What JavaScript sends for a token it does not have.
_NO_TOKEN = frozenset({"null", "undefined"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request is: a user, and the claims that prove it."""

    claims: AccessClaims
    user: AbstractBaseUser


def identify(request: Any) -> Identity:
    """Return who the request is. Raises `Unauthenticated` or `RevocationUnavailable`."""
    outcome = once(request, "_revocation_verdict", _decide)
    if isinstance(outcome, RevocationError):
        # The same refusal serves many fields: it must not collect the traceback of each.
        raise outcome.with_traceback(None)
    return outcome


def once(request: Any, name: str, ask: Callable[[Any], T]) -> T:
    """Return `ask(request)`, asked once for a request, and anew after each write of ours.

    It is remembered as attribute `name`; on a context that takes none it is asked each time.
    """
    known: tuple[int, T] | None = getattr(request, name, None)
    if known is None or known[0] != latest_write():
        # Numbered before the question: a write that comes in between must not go unnoticed.
        known = latest_write(), ask(request)
        with suppress(AttributeError):
            setattr(request, name, known)
    return known[1]


def judge(text: str) -> Identity:
    """Return who an access token proves. Raises `Unauthenticated` or `RevocationUnavailable`."""
    claims = read_access(text)
    with refusing_when_unavailable():
        facts = current_store().facts(claims)
    return Identity(claims, _user_in_force(claims, facts))


def has_token(request: Any) -> bool:
    """Whether the request presents a token, good or bad."""
    return bool(_credentials(request))


def presented_token(request: Any) -> str:
    """Return the text of the request's access token (RFC 6750, 2.1).

    Raises `TokenMissing`, or `TokenInvalid` for credentials of more than one word.
    """
    credentials = _credentials(request)
    if not credentials:
        raise TokenMissing
    if len(credentials) > 1:
        raise TokenInvalid
    return credentials[0]


def _decide(request: Any) -> Identity | RevocationError:
    try:
        return judge(presented_token(request))
    except RevocationError as refusal:
        return refusal


def _user_in_force(claims: AccessClaims, facts: Facts) -> AbstractBaseUser:
    user = facts.user
    if user is None:
        raise UserInactive
    if facts.is_revoked or facts.fingerprint is None:
        raise TokenRevoked
    if not user.is_active:
        raise UserInactive
    if not is_fingerprint_of(facts.fingerprint, user.password, sid=claims.sid):
        raise TokenRevoked
    return user


def _credentials(request: Any) -> list[str]:
    """Return the words behind the scheme of the header, if the scheme is one of ours."""
    header = getattr(request, "META", {}).get(conf().auth_header, "")
    scheme, *credentials = header.split() or [""]
    if scheme.lower() not in conf().auth_prefixes or credentials[:1] == []:
        return []
    return [] if len(credentials) == 1 and credentials[0] in _NO_TOKEN else credentials
