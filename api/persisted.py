"""Automatic persisted queries: a client sends the SHA-256 of a text, and the text only when asked.

The protocol is Apollo's. Texts are shared by all workers through a cache that is bounded by
entries and, because long texts are not kept, by bytes; a text that was dropped is sent again.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.cache import caches
from django.db import DatabaseError, connection, transaction

from .documents import Documents, sha256
from .errors import Refusal, bad_request, refusal
from .limits import limits

logger = logging.getLogger(__name__)

CACHE = "persisted_queries"
PATIENCE_MILLISECONDS = 100
# MariaDB counts in whole seconds.
PATIENCE_SECONDS = 1

_SHA256 = re.compile(r"[0-9a-f]{64}")


def persisted_hash(extensions: Mapping[str, Any]) -> str | None:
    """Return the hash a request names its text by, if it does. Raises `Refusal`."""
    named = extensions.get("persistedQuery")
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("version") != 1:
        raise bad_request('"persistedQuery" must be of version 1.')
    digest = named.get("sha256Hash")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest.lower()):
        raise bad_request('"sha256Hash" must be a SHA-256 in hexadecimal digits.')
    return digest.lower()


def ensure_hash_of(text: str, digest: str) -> None:
    """Raise `Refusal` unless it is: whoever names the hash later must get this text."""
    if sha256(text) != digest:
        raise bad_request('"sha256Hash" is not the SHA-256 of "query".')


class PersistedQueries:
    """The texts that clients registered, in this process and for all workers."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def text(self, digest: str) -> str:
        """Return the text of a hash. Raises `Refusal` if it must be sent once more."""
        text = self._documents.text(digest) or self._shared(digest)
        if text is None:
            raise _not_found()
        return text

    def keep(self, digest: str, text: str) -> None:
        """Keep a valid text for all workers, unless it takes too much of the room."""
        if len(text) <= limits().persisted_characters and self._shared(digest) is None:
            with _doing_without():
                caches[CACHE].set(digest, text)

    def _shared(self, digest: str) -> str | None:
        text = None
        with _doing_without():
            text = caches[CACHE].get(digest)
        # Whatever lies there is used under its own name alone.
        return text if isinstance(text, str) and sha256(text) == digest else None


@contextmanager
def _doing_without() -> Iterator[None]:
    """Let the cache fail, and soon: it is a shortcut, and the client sends the text instead."""
    try:
        with _waiting_briefly():
            yield
    except DatabaseError:
        logger.warning("The cache of persisted queries does not answer", exc_info=True)


@contextmanager
def _waiting_briefly() -> Iterator[None]:
    """Wait for others who write for as long as the shortcut is worth, not as a logout would."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        # For this transaction alone: behind a pooler the next statement may be another session's.
        with transaction.atomic():
            _execute(f"SET LOCAL lock_timeout = {PATIENCE_MILLISECONDS}")
            yield
    else:
        read, write, patience = _PATIENCE[connection.vendor]
        usual = _execute(read)
        _execute(write.format(patience))
        try:
            yield
        finally:
            _execute(write.format(usual))


_PATIENCE = {
    "sqlite": ("PRAGMA busy_timeout", "PRAGMA busy_timeout = {}", PATIENCE_MILLISECONDS),
    "mysql": (
        "SELECT @@innodb_lock_wait_timeout",
        "SET innodb_lock_wait_timeout = {}",
        PATIENCE_SECONDS,
    ),
}


def _execute(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def _not_found() -> Refusal:
    # Clients send the text next, whatever the status; with this one no browser console complains.
    return refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND", status=200)
