"""Verbs on the blacklist: revoke a token, ask, purge."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from . import journal, purging, status_index
from .announcements import announce
from .claims import AccessClaims, Key
from .conf import conf
from .models import RevokedToken, primary_database, session_rows
from .signals import token_revoked
from .stores import current_store


def revoke_token(claims: AccessClaims) -> None:
    """Revoke one access token; the rest of its session goes on.

    Raises `RevocationUnavailable`. To do it again asserts the same.
    """
    until = retention_end(claims.expires_at)
    details = {"sender": RevokedToken, "jti": claims.jti, "sid": claims.sid, "user_pk": claims.sub}

    position = status_index.position_in(claims.verified)
    keys = [claims.jti] if position is None else [claims.jti, status_index.key_of(position)]

    def write() -> None:
        if position is not None:
            # The place is given up: from its next refresh on the session has another.
            own = session_rows().filter(pk=claims.sid, status_position=position)
            own.update(status_position=None)
        if current_store().revoke(keys, until=until):
            using = primary_database()
            announce(token_revoked, about=claims.jti, owner=None, using=using, **details)

    journal.durably_at_last(write, using=primary_database())


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
