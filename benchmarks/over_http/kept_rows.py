"""Weighs what is kept for each revoked session: `python -m benchmarks.over_http.kept_rows COUNT`.

Runs on the database and with the store that the environment names, and prints bytes as JSON: of
ours, or of the tables whose settings are in force.
"""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django
import jwt
from django.apps import apps

from .. import stage

BATCH = 1000
DEVICE = {
    "ip_address": "192.0.2.1",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


def main(count: int) -> None:
    """Fill the tables as sign-ins and logouts do, and Redis as `rebuild_store` does."""
    django.setup()
    sizes = _ours(count) if apps.is_installed("revocation") else _others(count)
    print(json.dumps({name: size / count for name, size in sizes.items()}))


def _ours(count: int) -> dict[str, int]:
    ids = _ids(count)
    sizes = {"session_row": _growth(_database_bytes, lambda: _add_sessions(ids))}
    if _is_on_redis():
        # Whatever Redis needs once is there before.
        _copy_to_redis()
    sizes["blacklist_row"] = _growth(_database_bytes, lambda: _add_revoked(ids))
    if _is_on_redis():
        sizes["redis_key"] = _growth(_redis_bytes, _copy_to_redis)
    return sizes


def _others(count: int) -> dict[str, int]:
    """Fill the tables of others as their sign-ins and logouts do."""
    sizes = {"token_text_row": _growth(_database_bytes, lambda: _add_texts(count))}
    if apps.is_installed("rest_framework_simplejwt.token_blacklist"):
        issued: list[Any] = []
        sizes["outstanding_row"] = _growth(_database_bytes, lambda: issued.extend(_issue(count)))
        sizes["blacklisted_row"] = _growth(_database_bytes, lambda: _blacklist(issued))
    return sizes


def _ids(count: int) -> list[str]:
    from revocation.claims import new_id

    return [new_id() for _ in range(count)]


def _growth(size: Callable[[], int], act: Callable[[], object]) -> int:
    before = size()
    act()
    return size() - before


def _add_sessions(ids: list[str]) -> None:
    from django.utils import timezone

    from revocation.models import Session, fingerprint_of

    now = timezone.now()
    times = {"created_at": now, "rotated_at": now, "ended_at": now}
    ends = {"expires_at": now + timedelta(days=7), "access_expires_at": now + timedelta(minutes=5)}
    for batch in _batches(ids):
        Session.objects.bulk_create(
            Session(
                id=sid,
                user_id=1,
                fingerprint=fingerprint_of("", sid=sid),
                **times,
                **ends,
                **DEVICE,
            )
            for sid in batch
        )


def _add_revoked(ids: list[str]) -> None:
    from django.utils import timezone

    from revocation.models import RevokedToken

    until = timezone.now() + timedelta(days=1)
    for batch in _batches(ids):
        RevokedToken.objects.bulk_create(RevokedToken(key=sid, expires_at=until) for sid in batch)


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _add_texts(count: int) -> None:
    """Keep tokens of django-graphql-jwt, each with an id, by their text."""
    from django.conf import settings

    from ..models import BlackListedToken

    claims = {"username": stage.USERNAME, "exp": 2_000_000_000, "origIat": 2_000_000_000}
    for start in range(0, count, BATCH):
        BlackListedToken.objects.bulk_create(
            BlackListedToken(
                token=jwt.encode({**claims, "jti": uuid4().hex}, settings.SECRET_KEY, "HS256"),
                user_id=1,
            )
            for _ in range(min(BATCH, count - start))
        )


def _issue(count: int) -> Iterator[Any]:
    """Keep refresh tokens of Simple JWT, as it does at each sign-in."""
    from django.utils import timezone
    from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
    from rest_framework_simplejwt.tokens import RefreshToken

    times = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(days=7)}
    for start in range(0, count, BATCH):
        tokens = [RefreshToken() for _ in range(min(BATCH, count - start))]
        yield from OutstandingToken.objects.bulk_create(
            OutstandingToken(user_id=1, jti=token["jti"], token=str(token), **times)
            for token in tokens
        )


def _blacklist(issued: list[Any]) -> None:
    from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

    for start in range(0, len(issued), BATCH):
        BlacklistedToken.objects.bulk_create(
            BlacklistedToken(token=token) for token in issued[start : start + BATCH]
        )


def _database_bytes() -> int:
    """Return what all tables take with their indexes; on SQLite, the whole file."""
    from django.db import connection

    question = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        "postgresql": "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


def _is_on_redis() -> bool:
    from revocation.conf import conf

    return conf().store == "redis"


def _copy_to_redis() -> None:
    from revocation.stores import current_store

    for _ in current_store().rebuild():
        pass


def _redis_bytes() -> int:
    import redis

    from revocation.conf import conf

    with redis.Redis.from_url(conf().redis_url) as client:
        return used_memory(client)


def used_memory(client: Any) -> int:
    """Return what a Redis holds of the memory."""
    return int(client.info("memory")["used_memory"])


if __name__ == "__main__":
    main(int(sys.argv[1]))
