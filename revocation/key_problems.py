"""Every question about the settings that name signing keys; what the keys are worth is seen later.

`revocation.signing_key` judges the keys themselves, when they are first used.
"""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from .problem import Problem
from .written import jwt_setting, own_setting

SHORTEST_SECRET_BYTES = 32  # RFC 7518, 3.2
SYMMETRIC_ALGORITHMS = frozenset({"HS256", "HS384", "HS512"})


def key_problems() -> Iterator[Problem]:
    """Ask them. Where a file holds the keys, what else names keys is not read."""
    if own_setting("KEYS_FILE") is None:
        yield from _keys_missing()
        yield from _keys_confused()
    else:
        yield from _file_wrong()
    yield from _previous_keys_wrong()


def is_symmetric(algorithm: Any) -> bool:
    """Whether one secret signs and verifies."""
    return isinstance(algorithm, str) and algorithm in SYMMETRIC_ALGORITHMS


def _keys_missing() -> Iterator[Problem]:
    algorithm = jwt_setting("JWT_ALGORITHM")
    # The public key can be derived from the private one.
    needed = "JWT_SECRET_KEY" if is_symmetric(algorithm) else "JWT_PRIVATE_KEY"
    if not jwt_setting(needed):
        yield Problem(
            "revocation.E006",
            f"GRAPHQL_JWT lacks {needed}, which {algorithm!r} needs.",
            "Set the missing key.",
        )


def _keys_confused() -> Iterator[Problem]:
    has_pair = jwt_setting("JWT_PUBLIC_KEY") or jwt_setting("JWT_PRIVATE_KEY")
    if has_pair and is_symmetric(jwt_setting("JWT_ALGORITHM")):
        yield Problem(
            "revocation.E007",
            "GRAPHQL_JWT has a key pair, but JWT_ALGORITHM signs with a shared secret.",
            "Set JWT_ALGORITHM to the algorithm of the key pair, or remove the pair.",
        )


def _previous_keys_wrong() -> Iterator[Problem]:
    keys = own_setting("PREVIOUS_KEYS")
    is_list = isinstance(keys, list | tuple)
    if not is_list or not all(key and isinstance(key, str | bytes) for key in keys):
        yield Problem(
            "revocation.E011",
            "REVOCATION['PREVIOUS_KEYS'] is not a list of keys.",
            'Set it to a list, REVOCATION["PREVIOUS_KEYS"] = [old_key].',
        )


def _file_wrong() -> Iterator[Problem]:
    path = own_setting("KEYS_FILE")
    if not isinstance(path, str | PathLike) or not Path(path).is_absolute():
        yield Problem(
            "revocation.E054",
            "REVOCATION['KEYS_FILE'] is not the whole path of a file.",
            'Set it, for instance REVOCATION["KEYS_FILE"] = "/etc/api/jwt-keys.json", or to None.',
        )
