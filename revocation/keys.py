"""Signing keys: the current one, the previous ones that still verify, and the `kid` of each."""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import InvalidKeyError

from .conf import Conf, conf
from .problem import Problem
from .problems import SYMMETRIC_ALGORITHMS

UNUSABLE = Problem(
    "revocation.E012",
    "The keys in GRAPHQL_JWT and REVOCATION['PREVIOUS_KEYS'] cannot sign and verify.",
    "Set keys in PEM that fit JWT_ALGORITHM, JWT_PUBLIC_KEY to the public half of JWT_PRIVATE_KEY, "
    "and PREVIOUS_KEYS to public keys.",
)


@dataclass(frozen=True, slots=True, eq=False)
class KeyRing:
    """The keys of one reading of the settings, prepared once. `verifying` maps `kid` to key."""

    algorithm: str
    kid: str
    signing: Any = field(repr=False)
    verifying: dict[str, Any] = field(repr=False)


def key_ring() -> KeyRing:
    """Return the keys in force. Raises `ImproperlyConfigured`."""
    return _ring_of(conf())


def public_jwks() -> dict[str, list[dict[str, Any]]]:
    """Return the public keys that verify our tokens, the signing one first (RFC 7517, 5).

    None at all where one secret signs and verifies. Raises `ImproperlyConfigured`.
    """
    ring = key_ring()
    if ring.algorithm in SYMMETRIC_ALGORITHMS:
        return {"keys": []}
    algorithm = get_default_algorithms()[ring.algorithm]
    return {
        "keys": [
            # Named last: nothing in a key may say otherwise.
            algorithm.to_jwk(key, as_dict=True) | {"kid": kid, "use": "sig", "alg": ring.algorithm}
            for kid, key in ring.verifying.items()
        ]
    }


@lru_cache(maxsize=4)
def _ring_of(settings: Conf) -> KeyRing:
    try:
        return _prepare(settings)
    except (InvalidKeyError, UnsupportedAlgorithm, ValueError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(f"{UNUSABLE.message} {UNUSABLE.hint}") from error


def _prepare(settings: Conf) -> KeyRing:
    algorithm = get_default_algorithms()[settings.algorithm]
    current, *previous = (
        algorithm.prepare_key(key) for key in (settings.verifying_key, *settings.previous_keys)
    )
    signing = algorithm.prepare_key(settings.signing_key)
    if not algorithm.verify(b"", current, algorithm.sign(b"", signing)):
        raise InvalidKeyError("The public key does not belong to the private one")
    return KeyRing(
        algorithm=settings.algorithm,
        kid=_kid(current, settings.algorithm),
        signing=signing,
        verifying={_kid(key, settings.algorithm): key for key in (current, *previous)},
    )


def _kid(key: Any, algorithm: str) -> str:
    """Name a key by a digest, so that every worker and every release gives it the same name."""
    if algorithm in SYMMETRIC_ALGORITHMS:
        material = b"kid:" + key
    else:
        material = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(material).hexdigest()[:16]
