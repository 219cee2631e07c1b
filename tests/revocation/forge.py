"""Tokens as an attacker, or a careless second issuer, might write them."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from jwt.algorithms import get_default_algorithms

from revocation.keys import key_ring

LEFT_OUT = object()


def forge(
    text: str,
    *,
    header: dict[str, Any] | None = None,
    key: Any = None,
    alg: str = "",
    **claims: Any,
) -> str:
    """Write a token anew with other header fields or claims, signed as we sign unless told."""
    old_header, old_claims, _ = text.split(".")
    return sign(
        _dump(_changed(_load(old_header), header or {})),
        _dump(_changed(_load(old_claims), claims)),
        key=key,
        alg=alg,
    )


def sign(header: bytes, claims: bytes, *, key: Any = None, alg: str = "") -> str:
    """Sign any two segments, JSON or not."""
    ring = key_ring()
    message = encode(header) + b"." + encode(claims)
    signature = get_default_algorithms()[alg or ring.algorithm].sign(message, key or ring.signing)
    return (message + b"." + encode(signature)).decode()


def our_header(typ: str = "at+jwt") -> bytes:
    ring = key_ring()
    return _dump({"typ": typ, "kid": ring.kid, "alg": ring.algorithm})


def claims_of(text: str) -> dict[str, Any]:
    return _load(text.split(".")[1])


def encode(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _changed(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = {**old, **changes}
    return {name: value for name, value in merged.items() if value is not LEFT_OUT}


def _dump(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _load(segment: str) -> dict[str, Any]:
    return json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
