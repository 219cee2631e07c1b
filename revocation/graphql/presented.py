"""What the tokens of a request say, wherever it presents them: header, argument and cookies."""

from contextlib import suppress
from typing import Any

from .. import cookies, guard
from ..claims import AccessClaims, RefreshClaims
from ..errors import RefreshInvalid, RefreshMissing, RefreshRejected, Unauthenticated
from ..tokens import read_access, read_refresh

Claims = AccessClaims | RefreshClaims

_SUCCESSORS = "_revocation_successors"


def refresh_claims(refresh_token: str | None, request: Any) -> RefreshClaims:
    """Read the argument, or else the cookie. Raises `RefreshRejected`."""
    texts = cookies.refresh_tokens(request) if refresh_token is None else [refresh_token]
    if not texts:
        raise RefreshMissing
    if len(texts) > 1:
        raise RefreshInvalid
    return read_refresh(texts[0])


def presented_claims(refresh_token: str | None, request: Any) -> list[Claims]:
    """Read every token of the request, expired or not; garbage says nothing."""
    found = kept_claims(request)
    with suppress(Unauthenticated):
        found.append(read_access(guard.presented_token(request), is_expired_ok=True))
    with suppress(RefreshRejected):
        found.append(read_refresh(refresh_token or "", is_expired_ok=True))
    successors: dict[str, str] = getattr(request, _SUCCESSORS, {})
    return found + [read_access(successors[one.sid]) for one in found if one.sid in successors]


def note_successor(request: Any, *, sid: str, access_token: str) -> None:
    """Note that a session goes on under another id: a logout beside it ends what it has become."""
    with suppress(AttributeError):
        setattr(request, _SUCCESSORS, {**getattr(request, _SUCCESSORS, {}), sid: access_token})


def kept_claims(request: Any) -> list[Claims]:
    """Read the tokens in the cookies, expired or not."""
    found: list[Claims] = []
    for text in cookies.access_tokens(request):
        with suppress(Unauthenticated):
            found.append(read_access(text, is_expired_ok=True))
    for text in cookies.refresh_tokens(request):
        with suppress(RefreshRejected):
            found.append(read_refresh(text, is_expired_ok=True))
    return found
