"""Signing keys: the current one, the previous ones that still verify, and the `kid` of each."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms

from .conf import SYMMETRIC_ALGORITHMS, Conf, conf


@dataclass(frozen=True, slots=True, eq=False)
class KeyRing:
    """The keys of one reading of the settings, prepared once. `verifying` maps `kid` to key."""

    algorithm: str
    kid: str
    signing: Any
    verifying: dict[str, Any]


def key_ring() -> KeyRing:
    """Return the keys in force. Raises `ImproperlyConfigured` or `InvalidKeyError`."""
    return _ring_of(conf())


@lru_cache(maxsize=4)
def _ring_of(settings: Conf) -> KeyRing:
    algorithm = get_default_algorithms()[settings.algorithm]
    current, *previous = (
        algorithm.prepare_key(key) for key in (settings.verifying_key, *settings.previous_keys)
    )
    return KeyRing(
        algorithm=settings.algorithm,
        kid=_kid(current, settings.algorithm),
        signing=algorithm.prepare_key(settings.signing_key),
        verifying={_kid(key, settings.algorithm): key for key in (current, *previous)},
    )


def _kid(key: Any, algorithm: str) -> str:
    """Name a key by a digest, so that every worker and every release gives it the same name."""
    if algorithm in SYMMETRIC_ALGORITHMS:
        material = b"kid:" + key
    else:
        material = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(material).hexdigest()[:16]
