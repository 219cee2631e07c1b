"""What the tokens of a request say, wherever it presents them: header, argument and cookies."""

import logging
from contextlib import suppress
from typing import Any

from django.http import HttpRequest
from graphql_jwt.exceptions import JSONWebTokenError
from graphql_jwt.utils import get_http_authorization, get_payload

from .. import cookies, guard, journal
from ..claims import AccessClaims, RefreshClaims
from ..conf import conf
from ..errors import (
    RefreshInvalid,
    RefreshMissing,
    RefreshRejected,
    RevocationUnavailable,
    TokenInvalid,
    TokenMissing,
    Unauthenticated,
)
from ..legacy.access import read_legacy_access
from ..legacy.refresh import read_legacy_refresh
from ..tokens import read_access, read_refresh

Claims = AccessClaims | RefreshClaims

_SUCCESSORS = "_revocation_successors"

logger = logging.getLogger("revocation")


def refresh_claims(refresh_token: str | None, request: Any) -> RefreshClaims:
    """Read the argument, or else the cookie. Raises `RefreshRejected`."""
    texts = cookies.refresh_tokens(request) if refresh_token is None else [refresh_token]
    if not texts:
        raise RefreshMissing
    if len(texts) > 1:
        raise RefreshInvalid
    try:
        return read_refresh(texts[0])
    except RefreshInvalid:
        return read_legacy_refresh(texts[0], request=request)


def verdict_on(token: str | None, request: Any) -> guard.Identity:
    """Judge the argument, or else the access token of the request. Raises as `guard.judge`."""
    if token is None and not guard.has_token(request):
        raise TokenMissing("Token is required")
    text = guard.presented_token(request) if token is None else token
    return guard.judge(text, request=request)


def presented_claims(refresh_token: str | None, request: Any) -> list[Claims]:
    """Read every token of the request, expired or not; garbage says nothing."""
    found = kept_claims(request)
    with suppress(Unauthenticated):
        found.append(_ended_access(guard.presented_token(request), request))
    with suppress(RefreshRejected):
        found.append(_ended_refresh(refresh_token or "", request))
    successors: dict[str, str] = getattr(request, _SUCCESSORS, {})
    return found + [read_access(successors[one.sid]) for one in found if one.sid in successors]


def note_successor(request: Any, *, sid: str, access_token: str) -> None:
    """Note that a session goes on under another id: a logout beside it ends what it has become."""
    with suppress(AttributeError):
        setattr(request, _SUCCESSORS, {**getattr(request, _SUCCESSORS, {}), sid: access_token})


def kept_claims(request: Any) -> list[Claims]:
    """Read the tokens in the cookies, expired or not."""
    found: list[Claims] = []
    for text in {*cookies.access_tokens(request), *cookies.legacy_access_tokens(request)}:
        with suppress(Unauthenticated):
            found.append(_ended_access(text, request))
    for text in {*cookies.refresh_tokens(request), *cookies.legacy_refresh_tokens(request)}:
        with suppress(RefreshRejected):
            found.append(_ended_refresh(text, request))
    return found


def ensure_nothing_left(request: Any) -> None:
    """Raise `RevocationUnavailable` where django-graphql-jwt would let in what we did not look at.

    It reads a cookie whether we do or not, unless our middleware keeps it from that.
    """
    is_in_use = conf().is_asked_by_stock_code and not journal.is_open()
    if not is_in_use or not isinstance(request, HttpRequest):
        return
    text = get_http_authorization(request)
    if text and _is_let_in(text, request):
        logger.error(
            "A token that no logout can end is in use: manage.py check says what to change"
        )
        raise RevocationUnavailable


def _is_let_in(text: str, request: HttpRequest) -> bool:
    try:
        get_payload(text, request)
    except JSONWebTokenError:
        return False
    return True


def _ended_access(text: str, request: Any) -> AccessClaims:
    try:
        return read_access(text, is_expired_ok=True)
    except TokenInvalid:
        return read_legacy_access(text, request=request, is_ending=True)


def _ended_refresh(text: str, request: Any) -> RefreshClaims:
    try:
        return read_refresh(text, is_expired_ok=True)
    except RefreshInvalid:
        return read_legacy_refresh(text, request=request, is_ending=True)
