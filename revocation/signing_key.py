"""One signing key: what it signs with, what verifies that, and how it is called.

Here it is judged: no key that is weak, of the wrong half or of another algorithm gets past this.
What is said of it never repeats it.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import InvalidKeyError

from .key_problems import SHORTEST_SECRET_BYTES, is_symmetric
from .problem import Problem

SHORTEST_RSA_BITS = 2048  # RFC 7518, 3.3
# As long as the longest hash among the algorithms.
_SECRET_BYTES = 64
_RSA_BITS = 3072
_CURVES = {
    "ES256": ec.SECP256R1(),
    "ES256K": ec.SECP256K1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
    # What PyJWT has called it, too.
    "ES521": ec.SECP521R1(),
}


class UnusableKey(ImproperlyConfigured):
    """A key or a file of keys that cannot stand; `problem` says why, and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.message} {problem.hint} ({problem.id})")
        self.problem = problem


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """A key that signs and verifies, or one that verifies alone: then `signing` is None."""

    algorithm: str
    kid: str
    verifying: Any = field(repr=False)
    signing: Any = field(repr=False)

    @property
    def is_secret(self) -> bool:
        """Whether one secret signs and verifies."""
        return is_symmetric(self.algorithm)

    def without_private_half(self) -> "SigningKey":
        """Return what still verifies; a shared secret has no halves."""
        return self if self.is_secret else replace(self, signing=None)

    def as_jwk(self, *, is_public: bool) -> dict[str, Any]:
        """Return it as a JSON Web Key (RFC 7517, 4), with the private half or without."""
        key = self.verifying if is_public or self.signing is None else self.signing
        written: dict[str, Any] = _algorithm(self.algorithm).to_jwk(key, as_dict=True)
        # Beside `use` it says nothing, and the two should not be used together (RFC 7517, 4.3).
        written.pop("key_ops", None)
        # Named last: nothing in a key may say otherwise.
        return written | {"kid": self.kid, "use": "sig", "alg": self.algorithm}


def signing_key(
    algorithm: str, private: str | bytes, public: str | bytes | None = None
) -> SigningKey:
    """Return the key that the settings name to sign. Raises `UnusableKey`.

    `private` is a shared secret or a private key in PEM, whose public half may be left out.
    """
    name = "JWT_SECRET_KEY" if is_symmetric(algorithm) else "JWT_PRIVATE_KEY"
    with _naming(f"GRAPHQL_JWT[{name!r}]", algorithm):
        signing = _algorithm(algorithm).prepare_key(private)
        if not is_symmetric(algorithm) and not _is_private(signing):
            raise InvalidKeyError
        key = _made(algorithm, signing, source=f"GRAPHQL_JWT[{name!r}]")
    if public is None:
        return key
    given = verifying_key(algorithm, public, source="GRAPHQL_JWT['JWT_PUBLIC_KEY']")
    with _naming("GRAPHQL_JWT['JWT_PUBLIC_KEY']", algorithm):
        if given.kid != key.kid:
            raise InvalidKeyError
    return key


def verifying_key(algorithm: str, key: str | bytes, *, source: str) -> SigningKey:
    """Return a shared secret, or a public key in PEM, that verifies. Raises `UnusableKey`."""
    with _naming(source, algorithm):
        verifying = _algorithm(algorithm).prepare_key(key)
        if _is_private(verifying):
            raise UnusableKey(
                Problem(
                    "revocation.E053",
                    f"{source} is a private key, and only its public half belongs there.",
                    "Write what this prints: openssl pkey -pubout -in private.pem",
                )
            )
        return _made(algorithm, verifying, source=source).without_private_half()


def key_of_jwk(written: Mapping[str, Any], *, source: str) -> SigningKey:
    """Return the key of a JSON Web Key (RFC 7517, 4). Raises `UnusableKey`."""
    algorithm = written.get("alg")
    if not isinstance(algorithm, str) or algorithm not in get_default_algorithms().keys() - {
        "none"
    }:
        algorithm = "any algorithm there is"
    with _naming(source, algorithm):
        key = _algorithm(algorithm).from_jwk(dict(written))
        # A curve fits one algorithm alone.
        return _made(algorithm, _algorithm(algorithm).prepare_key(key), source=source)


def new_key(algorithm: str) -> SigningKey:
    """Make a key for an algorithm that PyJWT knows."""
    make: Callable[[], Any] = {
        "HS": lambda: secrets.token_bytes(_SECRET_BYTES),
        "RS": lambda: rsa.generate_private_key(65_537, _RSA_BITS),
        "PS": lambda: rsa.generate_private_key(65_537, _RSA_BITS),
        "ES": lambda: ec.generate_private_key(_CURVES[algorithm]),
        "Ed": ed25519.Ed25519PrivateKey.generate,
    }[algorithm[:2]]
    return _made(algorithm, make(), source="The new key")


def kid_of_secret(secret: str) -> str:
    """Return how a text is called where it signs as a shared secret."""
    return _kid("HS256", secret.encode())


def _made(algorithm: str, key: Any, *, source: str) -> SigningKey:
    """Return a key that is strong enough, from either half of it."""
    _ensure_strong(key, source)
    if is_symmetric(algorithm):
        return SigningKey(algorithm, _kid(algorithm, key), verifying=key, signing=key)
    verifying = key.public_key() if _is_private(key) else key
    signing = key if _is_private(key) else None
    return SigningKey(algorithm, _kid(algorithm, verifying), verifying=verifying, signing=signing)


def _ensure_strong(key: Any, source: str) -> None:
    if isinstance(key, bytes) and len(key) < SHORTEST_SECRET_BYTES:
        raise UnusableKey(
            Problem(
                "revocation.E050",
                f"{source} is shorter than {SHORTEST_SECRET_BYTES} bytes: whoever has one token "
                "can find it by trying.",
                "Write what this prints: openssl rand -hex 48",
            )
        )
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA_BITS:
        raise UnusableKey(
            Problem(
                "revocation.E052",
                f"{source} is an RSA key of fewer than {SHORTEST_RSA_BITS} bits.",
                "Make another: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 "
                "-out private.pem",
            )
        )


def _is_private(key: Any) -> bool:
    return hasattr(key, "private_bytes")


def _kid(algorithm: str, key: Any) -> str:
    """Name a key by a digest, so that every worker and every release gives it the same name."""
    if is_symmetric(algorithm):
        material = b"kid:" + key
    else:
        material = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(material).hexdigest()[:16]


def _algorithm(name: str) -> Any:
    return get_default_algorithms()[name]


@contextmanager
def _naming(source: str, algorithm: str) -> Iterator[None]:
    """Say of a key that is none where it was found, and nothing that a parser says of it."""
    try:
        yield
    except (InvalidKeyError, UnsupportedAlgorithm, ValueError, TypeError, AttributeError, KeyError):
        raise UnusableKey(
            Problem(
                "revocation.E012",
                f"{source} is no key for {algorithm}, or not the other half of its pair.",
                "Write the whole key as it was made, and the algorithm that it was made for.",
            )
        ) from None
