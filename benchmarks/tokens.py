"""Tokens in answers, and what an attacker holds instead of a good one: expired, or forged.

Every contender signs with HS256 and the secret of the run.
"""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import jwt

TIMES = ("exp", "iat", "origIat")
# strawberry-django-auth keeps its claims as one text, and times as texts in there.
NESTED, TIME_FORMAT = "payload", "%Y-%m-%d-%H-%M-%S-%z"

TOKEN = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]+")
MARK = "<token>"


class Tokens(NamedTuple):
    """What a sign-in hands out; where one token serves for both, it is both."""

    access: str
    refresh: str


def pair_in(body: bytes) -> Tokens | None:
    """Return what an answer brings, the access token first; nothing where there is no token."""
    found = TOKEN.findall(body.decode())
    return Tokens(found[0], found[-1]) if found else None


def without(body: bytes) -> str:
    """Return an answer with a mark in place of each token."""
    return TOKEN.sub(MARK, body.decode())


def forged(token: str) -> str:
    """Return the same token, signed by somebody who does not know the secret."""
    return signed_anew(token, secret=secrets.token_urlsafe(64))


def signed_anew(token: str, *, secret: str, seconds: int = 0) -> str:
    """Return a well-signed token with the same claims, all its times moved by so many seconds."""
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(_moved(claims, seconds), secret, header["alg"], headers=header)


def _moved(claims: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    moved = {name: _later(claims[name], seconds) for name in TIMES if name in claims}
    if NESTED in claims:
        moved[NESTED] = json.dumps(_moved(json.loads(claims[NESTED]), seconds))
    return {**claims, **moved}


def _later(moment: Any, seconds: int) -> Any:
    if not isinstance(moment, str):
        return moment + seconds
    then = datetime.strptime(moment, TIME_FORMAT)  # noqa: DTZ007  The format has the zone.
    return (then + timedelta(seconds=seconds)).strftime(TIME_FORMAT)
