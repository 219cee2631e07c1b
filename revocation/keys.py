"""The signing keys in force: the one that signs, and all that verify, by the `kid` of each.

They come from the settings, or from a file that may change while workers run.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from .conf import Conf, conf
from .keyfile import read_keys
from .signing_key import SigningKey, UnusableKey, signing_key, verifying_key

logger = logging.getLogger(__name__)

# How long a worker may sign with keys from before the file was replaced.
LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class KeyRing:
    """The keys of one reading, prepared once. `verifying` and `algorithms` are by `kid`.

    Each key verifies by its own algorithm and no other (RFC 8725, 3.1).
    """

    algorithm: str
    kid: str
    signing: Any = field(repr=False)
    verifying: dict[str, Any] = field(repr=False)
    algorithms: dict[str, str]
    published: tuple[SigningKey, ...]


def key_ring() -> KeyRing:
    """Return the keys in force. Raises `UnusableKey`, which is `ImproperlyConfigured`."""
    settings = conf()
    if settings.keys_file is None:
        return _ring_of_settings(settings)
    return _watched(settings).ring()


def keys_of_settings() -> tuple[SigningKey, ...]:
    """Return the keys that the settings name, the one that signs first. Raises `UnusableKey`."""
    settings = conf()
    previous = (
        verifying_key(settings.algorithm, key, source=f"REVOCATION['PREVIOUS_KEYS'][{number}]")
        for number, key in enumerate(settings.previous_keys)
    )
    current = signing_key(settings.algorithm, settings.signing_key, settings.verifying_key)
    return (current, *previous)


def public_jwks() -> dict[str, list[dict[str, Any]]]:
    """Return the public keys that verify our tokens, the signing one first (RFC 7517, 5).

    Shared secrets are not among them. Raises `UnusableKey`.
    """
    return {"keys": [key.as_jwk(is_public=True) for key in key_ring().published]}


class _WatchedFile:
    """A file of keys, looked at once a second at most, when somebody asks.

    One that has become unusable is none: what it held before stays in force until it is put right.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._ring: KeyRing | None = None
        self._read_state: tuple[int, ...] = ()
        self._told_state: tuple[int, ...] | None = None
        self._look_again = 0.0

    def ring(self) -> KeyRing:
        """Return the keys as of a second ago, or later. Raises `UnusableKey`."""
        ring = self._ring
        if ring is None:
            with self._lock:
                return self._look()
        # While one looks, others go on with what there is.
        if time.monotonic() >= self._look_again and self._lock.acquire(blocking=False):
            try:
                return self._look()
            finally:
                self._lock.release()
        return ring

    def _look(self) -> KeyRing:
        self._look_again = time.monotonic() + LOOK_EVERY_SECONDS
        # Taken before it is read: replaced in between, it is read again.
        state = _state_of(self._path)
        ring = self._ring
        if ring is None or state != self._read_state:
            try:
                ring = _ring_of(*(dated.key for _, dated in read_keys(self._path)))
            except UnusableKey as error:
                if ring is None:
                    raise
                # Read again each second: what kept it from being read may pass.
                self._tell(error, state)
            else:
                self._ring, self._read_state, self._told_state = ring, state, None
        return ring

    def _tell(self, error: UnusableKey, state: tuple[int, ...]) -> None:
        if state != self._told_state:
            self._told_state = state
            logger.error("%s The keys from before stay in force.", error)


def _state_of(path: Path) -> tuple[int, ...]:
    """Return what differs as soon as a file was replaced; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=4)
def _watched(settings: Conf) -> _WatchedFile:
    """Return one for each reading of the settings."""
    return _WatchedFile(Path(str(settings.keys_file)))


@lru_cache(maxsize=4)
def _ring_of_settings(settings: Conf) -> KeyRing:
    return _ring_of(*keys_of_settings())


def _ring_of(current: SigningKey, *others: SigningKey) -> KeyRing:
    keys = {key.kid: key for key in (current, *others)}
    return KeyRing(
        algorithm=current.algorithm,
        kid=current.kid,
        signing=current.signing,
        verifying={kid: key.verifying for kid, key in keys.items()},
        algorithms={kid: key.algorithm for kid, key in keys.items()},
        published=tuple(key for key in keys.values() if not key.is_secret),
    )
