"""Token text to claims and back, for access and refresh tokens.

Nothing here asks whether a token was revoked: a token that reads well may still be dead.
"""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeGuard

import jwt
from jwt.types import Options
from jwt.utils import base64url_decode

from .additions import added_claims
from .claims import AccessClaims, RefreshClaims, is_epoch, is_id, pk_of
from .conf import conf
from .errors import RefreshExpired, RefreshInvalid, TokenExpired, TokenInvalid
from .keys import KeyRing, key_ring

ACCESS_TYPE = "at+jwt"  # RFC 9068, 2.1
REFRESH_TYPE = "rt+jwt"
STATUS_LIST_TYPE = "statuslist+jwt"  # draft-ietf-oauth-status-list, 5.1

# A good token has a few hundred bytes; work on a bigger one is work for an attacker.
_MAX_CHARACTERS = 8192
# Some six megabytes in a process, at the most.
_REMEMBERED_TOKENS = 4096
_IAT_LEEWAY_SECONDS = 60
# Expiry and issue time are judged here, strictly and against the caller's clock.
_OPTIONS: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_sub": False,
    "verify_jti": False,
}


def sign_access(
    user: Any,
    *,
    jti: str,
    sid: str,
    iat: int,
    exp: int,
    orig_iat: int,
    status: Mapping[str, Any] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return an access token and its payload. Times are epoch seconds.

    `status` is the claim of that name: where a status list speaks of the token.

    The username, `exp` and `origIat` stand where django-graphql-jwt has them, for front ends that
    show them; nothing is looked up by them.
    """
    payload = {
        **added_claims(user),
        user.USERNAME_FIELD: username_of(user),
        "origIat": orig_iat,
        "sub": str(pk_of(user)),
        "jti": jti,
        "sid": sid,
        "iat": iat,
        "exp": exp,
        **({"status": dict(status)} if status else {}),
        **_addressing(),
    }
    return sign_access_payload(payload), payload


def sign_access_payload(payload: dict[str, Any]) -> str:
    """Return the access token of a payload that `sign_access` gave, and claims added to it."""
    return _sign(payload, ACCESS_TYPE)


def sign_refresh(claims: RefreshClaims) -> str:
    """Return the refresh token of these claims, the same text each time for HMAC, RSA and EdDSA."""
    payload = {"sub": claims.sub, "sid": claims.sid, "gen": claims.gen, "exp": claims.exp}
    return _sign({**payload, **_addressing()}, REFRESH_TYPE)


def sign_status_list(payload: dict[str, Any]) -> str:
    """Return the token of a status list. It is for whoever has our public keys, so no audience."""
    issuer = conf().issuer
    return _sign(payload | ({} if issuer is None else {"iss": issuer}), STATUS_LIST_TYPE)


def read_access(
    text: str, *, now: datetime | None = None, is_expired_ok: bool = False
) -> AccessClaims:
    """Verify an access token. Raises `TokenInvalid` or `TokenExpired`.

    `is_expired_ok` is for logout alone: an expired token still names the session to end.
    """
    claims, iat = _read_access(text, key_ring())
    moment = _epoch(now)
    if iat > moment + _IAT_LEEWAY_SECONDS:
        raise TokenInvalid
    if _is_over(claims.exp, moment) and not is_expired_ok:
        raise TokenExpired
    return claims


def read_refresh(
    text: str, *, now: datetime | None = None, is_expired_ok: bool = False
) -> RefreshClaims:
    """Verify a refresh token. Raises `RefreshInvalid` or `RefreshExpired`."""
    try:
        payload = _verify(text, REFRESH_TYPE, key_ring())
    except jwt.InvalidTokenError as error:
        raise RefreshInvalid from error
    gen = payload.get("gen")
    if not (_has_session(payload) and type(gen) is int and gen >= 0):
        raise RefreshInvalid
    if _is_over(payload["exp"], _epoch(now)) and not is_expired_ok:
        raise RefreshExpired
    return RefreshClaims(sub=payload["sub"], sid=payload["sid"], gen=gen, exp=payload["exp"])


def is_like_ours(text: str) -> bool:
    """Whether a text says of itself that one of our keys signed it; a legacy token never does."""
    try:
        return bool(_kid_of(text.partition(".")[0]))
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return False


def username_of(user: Any) -> str | int:
    """Return what a token says of who the user is; a username may itself be a foreign key."""
    username = user.get_username()
    username = getattr(username, "pk", username)
    return username if isinstance(username, str | int) else str(username)


def _sign(payload: dict[str, Any], token_type: str) -> str:
    ring = key_ring()
    headers = {"typ": token_type, "kid": ring.kid}
    return jwt.encode(payload, ring.signing, ring.algorithm, headers=headers)


@lru_cache(maxsize=_REMEMBERED_TOKENS)
def _read_access(text: str, ring: KeyRing) -> tuple[AccessClaims, float]:
    """Return what an access token that one of the ring's keys signed says, and its `iat`.

    A signature once verified stays so for as long as the ring is in force; whatever time or a
    logout can change is asked elsewhere, and a refusal is never remembered.
    """
    try:
        payload = _verify(text, ACCESS_TYPE, ring)
    except jwt.DecodeError as error:
        raise TokenInvalid("Error decoding signature") from error
    except jwt.InvalidTokenError as error:
        raise TokenInvalid from error
    iat = payload.get("iat")
    if not (_has_session(payload) and is_id(payload.get("jti")) and _is_moment(iat)):
        raise TokenInvalid
    sub, jti, sid, exp = (payload[name] for name in ("sub", "jti", "sid", "exp"))
    return AccessClaims(sub=sub, jti=jti, sid=sid, exp=exp, verified=payload), iat


def _verify(text: str, token_type: str, ring: KeyRing) -> dict[str, Any]:
    """Return the payload of a token that one of the ring's keys signed as `token_type`."""
    if len(text) > _MAX_CHARACTERS:
        raise jwt.InvalidTokenError
    settings = conf()
    try:
        kid = _kid_of(text.partition(".")[0])
        key = ring.verifying.get(kid)
        if key is None:
            raise jwt.InvalidTokenError
        token = jwt.decode_complete(
            text,
            key,
            algorithms=[ring.algorithms[kid]],
            options=_OPTIONS,
            audience=settings.audience,
            issuer=settings.issuer,
            leeway=settings.leeway,
        )
    except (ValueError, OverflowError, RecursionError) as error:
        raise jwt.DecodeError from error
    # One signing key serves both kinds, so the type is what keeps them apart (RFC 8725, 3.11).
    if token["header"].get("typ") != token_type:
        raise jwt.InvalidTokenError
    payload: dict[str, Any] = token["payload"]
    return payload


@lru_cache(maxsize=64)
def _kid_of(header_segment: str) -> str:
    """Read which key a token claims; the few headers in use are read once, not per request."""
    header = json.loads(base64url_decode(header_segment))
    kid = header.get("kid") if isinstance(header, dict) else None
    if not isinstance(kid, str):
        raise jwt.InvalidTokenError
    return kid


def _has_session(payload: dict[str, Any]) -> bool:
    sub = payload.get("sub")
    return isinstance(sub, str) and is_id(payload.get("sid")) and is_epoch(payload.get("exp"))


def _is_moment(iat: object) -> TypeGuard[float]:
    return isinstance(iat, int | float) and not isinstance(iat, bool) and iat >= 0


def _is_over(exp: int, moment: float) -> bool:
    return exp <= moment - conf().leeway.total_seconds()


def _addressing() -> dict[str, Any]:
    settings = conf()
    audience = settings.audience
    claims = {"aud": list(audience) if isinstance(audience, tuple) else audience}
    claims["iss"] = settings.issuer
    return {name: value for name, value in claims.items() if value is not None}


def _epoch(now: datetime | None) -> float:
    return time.time() if now is None else now.timestamp()
