"""What an attacker holds instead of a good token, made of one: expired, or forged.

Every contender signs with HS256 and the secret of the run.
"""

import secrets
from typing import Any

import jwt

TIMES = ("exp", "iat", "origIat")


def forged(token: str) -> str:
    """Return the same token, signed by somebody who does not know the secret."""
    return signed_anew(token, secret=secrets.token_urlsafe(64))


def signed_anew(token: str, *, secret: str, seconds: int = 0) -> str:
    """Return a well-signed token with the same claims, all its times moved by so many seconds."""
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    moved = {name: _moved(value, seconds) for name, value in claims.items() if name in TIMES}
    return jwt.encode({**claims, **moved}, secret, header["alg"], headers=header)


def _moved(moment: Any, seconds: int) -> Any:
    return moment + seconds
