"""How much one request may ask for. Each limit is a key of `REVOCATION["LIMITS"]`, in capitals."""

from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from revocation.written import own_setting

from .errors import Refusal, refusal

BYTES_PER_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force."""

    # Of a request.
    body_bytes: int = BYTES_PER_MEGABYTE
    batch: int = 10
    # Root fields that a request, all entries of a batch together, may execute once: each costs a
    # password hash or moves a session.
    once: tuple[str, ...] = ("tokenAuth", "refreshToken", "changePassword")

    # Of the text of a query, before it is parsed. Long values belong into variables.
    query_characters: int = 100_000
    tokens: int = 5_000
    comments: int = 1_000

    # Of a document. A fragment counts once for each time it is spread.
    depth: int = 15
    fields: int = 2_000
    aliases: int = 100
    directives: int = 50

    # Of an operation.
    mutations: int = 10

    # Of the memory for parsed documents, in each process.
    documents: int = 1_000
    document_bytes: int = 16 * BYTES_PER_MEGABYTE

    # Of a persisted query; a longer one is answered and not kept.
    persisted_characters: int = 20_000


def limits() -> Limits:
    """Return the limits in force. Raises `ImproperlyConfigured` for a key that is none."""
    return _read()


def exceeded(what: str, limit: int, *, reason: str, status: int | None = None) -> Refusal:
    """Return the refusal of a request that asks for more of `what` than `limit`."""
    message = f"{what}: at most {limit} allowed."
    return refusal(message, "LIMIT_EXCEEDED", reason=reason, status=status)


@cache
def _read() -> Limits:
    given = own_setting("LIMITS")
    known = {field.name.upper(): field for field in fields(Limits)}
    for key, value in given.items():
        _ensure_known(key, known)
        _ensure_usable(key, value)
    return Limits(**{key.lower(): value for key, value in given.items()})


def _ensure_known(key: str, known: dict[str, Any]) -> None:
    if key not in known:
        nearest = get_close_matches(str(key), known, n=1)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise ImproperlyConfigured(f"REVOCATION['LIMITS'] has an unknown limit {key!r}.{hint}")


def _ensure_usable(key: str, value: Any) -> None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not is_number and key != "ONCE":
        raise ImproperlyConfigured(f"REVOCATION['LIMITS'][{key!r}] must be a whole number.")


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "REVOCATION":
        _read.cache_clear()


setting_changed.connect(_forget)
