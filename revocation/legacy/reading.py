"""Text to a legacy token. Whether it was revoked, or may be used as what, is asked elsewhere.

Each package's tokens are told by what they say, and verified with its algorithm and its keys alone.
Ours are none of them: their headers name another type and a key.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import jwt
from django.contrib.auth import get_user_model
from jwt.types import Options

from ..claims import Key, is_epoch
from ..conf import Conf, conf
from ..errors import TokenInvalid
from ..keys import KeyRing, key_ring
from ..written import as_timedelta
from . import simplejwt

GRAPHQL_JWT = "django-graphql-jwt"
SIMPLEJWT = "simplejwt"
# What PyJWT writes when nobody says otherwise; ours say otherwise.
_TYPE = "JWT"

_MAX_CHARACTERS = 8192
_REMEMBERED_TOKENS = 1024
_MOST_OF_A_JTI = 255
# Times are judged by the caller, who knows what the token is for.
_OPTIONS: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": True,
    "verify_sub": False,
    "verify_jti": False,
}


class NotLegacy(TokenInvalid):
    """The text does not look like a legacy token: whoever else read it knows better what it is."""


@dataclass(frozen=True, slots=True)
class LegacyToken:
    """What a verified legacy token says. Times are epoch seconds."""

    package: str
    is_refresh: bool
    # How the user is called: a field of the model, and its value.
    called: tuple[str, str]
    issued: int
    exp: int
    verified: Mapping[str, Any] = field(repr=False)

    def digest(self, purpose: str) -> Key:
        """Return an id of the content: whatever text it comes in, it is the same."""
        content = json.dumps(self.verified, sort_keys=True, separators=(",", ":"))
        name = f"{self.package}\0{purpose}\0{content}"
        return blake2b(name.encode(), digest_size=16, person=b"legacy").hexdigest()


def read(text: str) -> LegacyToken:
    """Verify a legacy token, expired or not. Raises `NotLegacy` or `TokenInvalid`."""
    return _read(text, conf(), key_ring())


@lru_cache(maxsize=_REMEMBERED_TOKENS)
def _read(text: str, settings: Conf, ring: KeyRing) -> LegacyToken:
    """Read it once for each reading of settings and keys; a refusal is not remembered."""
    try:
        if _claims_to_be_of_simplejwt(text):
            return _of_simplejwt(_verified_by_simplejwt(text, ring))
        return _of_graphql_jwt(_verified_by_graphql_jwt(text, settings, ring))
    except jwt.DecodeError as error:
        raise TokenInvalid("Error decoding signature") from error
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise TokenInvalid from error


def _claims_to_be_of_simplejwt(text: str) -> bool:
    """Look at what nobody has verified yet. Raises `NotLegacy`, or `jwt.DecodeError`."""
    if len(text) > _MAX_CHARACTERS:
        raise NotLegacy
    claimed = jwt.decode_complete(text, options={"verify_signature": False})
    if claimed["header"].get("typ") != _TYPE or "kid" in claimed["header"]:
        raise NotLegacy
    return simplejwt.setting("TOKEN_TYPE_CLAIM") in claimed["payload"]


def _verified_by_graphql_jwt(text: str, settings: Conf, ring: KeyRing) -> dict[str, Any]:
    return _verified(
        text,
        [(key, ring.algorithms[kid]) for kid, key in ring.verifying.items()],
        audience=settings.audience,
        issuer=settings.issuer,
        leeway=settings.leeway,
    )


def _verified_by_simplejwt(text: str, ring: KeyRing) -> dict[str, Any]:
    algorithm = simplejwt.setting("ALGORITHM")
    # Of ours, those that do not sign: it may have had the same one before a rotation.
    others = [kid for kid in ring.verifying if kid != ring.kid]
    previous = [ring.verifying[kid] for kid in others if ring.algorithms[kid] == algorithm]
    return _verified(
        text,
        [(key, algorithm) for key in (simplejwt.verifying_key(), *previous)],
        audience=simplejwt.setting("AUDIENCE"),
        issuer=simplejwt.setting("ISSUER"),
        leeway=as_timedelta(simplejwt.setting("LEEWAY") or 0),
    )


def _verified(
    text: str, keys: list[tuple[Any, str]], *, audience: Any, **how: Any
) -> dict[str, Any]:
    """Return the payload, if one of the keys signed it. Raises `jwt.PyJWTError`."""
    options: Options = {**_OPTIONS, "verify_aud": audience is not None}
    for key, algorithm in keys:
        try:
            return jwt.decode(
                text, key, algorithms=[algorithm], options=options, audience=audience, **how
            )
        except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
            continue
    raise jwt.InvalidSignatureError


def _of_graphql_jwt(payload: dict[str, Any]) -> LegacyToken:
    username_field = get_user_model().USERNAME_FIELD
    return LegacyToken(
        package=GRAPHQL_JWT,
        is_refresh=False,
        called=(username_field, _name(payload.get(username_field))),
        # Without it nobody could tell a user from whoever has the name since.
        issued=_epoch(payload.get("origIat")),
        exp=_epoch(payload.get("exp")),
        verified=payload,
    )


def _of_simplejwt(payload: dict[str, Any]) -> LegacyToken:
    kind = payload.get(simplejwt.setting("TOKEN_TYPE_CLAIM"))
    claim = simplejwt.setting("USER_ID_CLAIM")
    if kind not in ("access", "refresh") or not _is_text(simplejwt.jti_of(payload)):
        raise TokenInvalid
    return LegacyToken(
        package=SIMPLEJWT,
        is_refresh=kind == "refresh",
        called=(simplejwt.setting("USER_ID_FIELD"), _name(payload.get(claim))),
        issued=_epoch(payload.get("iat")),
        exp=_epoch(payload.get("exp")),
        verified=payload,
    )


def _is_text(jti: object) -> bool:
    """Whether a table can be asked about it."""
    return isinstance(jti, str) and jti.isprintable() and 0 < len(jti) <= _MOST_OF_A_JTI


def _name(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or "\0" in str(value):
        raise TokenInvalid
    return str(value)


def _epoch(value: object) -> int:
    """Return whole seconds; a payload handler of a project's own may have written a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_epoch(int(value)):
        raise TokenInvalid
    return int(value)
