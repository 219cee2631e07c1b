"""Verbs on the blacklist: revoke a token, ask, purge."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from . import journal, purging
from .claims import AccessClaims, Key
from .conf import conf
from .models import primary_database
from .stores import current_store


def revoke_token(claims: AccessClaims) -> None:
    """Revoke one access token; the rest of its session goes on."""
    revoke_keys([claims.jti], until=retention_end(claims.expires_at))


def revoke_keys(keys: Iterable[Key], *, until: datetime) -> None:
    """Put keys on the blacklist until `until`. Raises `RevocationUnavailable`."""
    write = partial(current_store().revoke, list(keys), until=until)
    journal.durably_at_last(write, using=primary_database())


def is_revoked(keys: Iterable[Key]) -> bool:
    """Whether any of the keys is on the blacklist."""
    return bool(current_store().revoked(keys))


def retention_end(expires_at: datetime) -> datetime:
    """Return how long a key that dies at `expires_at` stays on the blacklist.

    Forgetting it sooner would bring a token back on a worker whose clock runs behind.
    """
    return expires_at + conf().leeway + conf().retention_margin


def purge(*, batch: int = 1000, now: datetime | None = None) -> Iterator[int]:
    """Forget expired keys, yielding the size of each batch as it is committed."""
    return purging.sizes(expired(now), limit=batch)


def expired(now: datetime | None = None) -> purging.Step:
    """Return the step that forgets what has expired by now, or by the clocks there are."""
    before = (now or purging.earlier_now()) - conf().leeway
    return partial(current_store().purge, before=before)
