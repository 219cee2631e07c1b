"""What a revoked session takes, on disk and in Redis, beside what a competitor keeps."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .apollo import ApolloServer
from .ground import Ground
from .kept_rows import used_memory
from .strangers import SimpleJWT

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes for each revoked session in one place, and of what they consist."""

    where: str
    what: dict[str, float]

    @property
    def total(self) -> float:
        """All of it together."""
        return sum(self.what.values())


def measure(ground: Ground, *, rows: int) -> list[Kept]:
    """Weigh as many sessions in each place."""
    found = [*_ours(ground, rows), *_others(ground, rows)]
    if missing := ApolloServer.missing():
        print(f"{missing} Its denylist is not weighed.", file=sys.stderr)
        return found
    return [*found, Kept("apollo-server, Redis", {"denylist_key": _denylist(ground, rows)})]


def _ours(ground: Ground, rows: int) -> Iterator[Kept]:
    for where, url in (("SQLite", ground.sqlite_url()), ("PostgreSQL", ground.postgres_url())):
        yield Kept(f"ours, {where}", _weigh(ground, url, rows))
    store = {"REVOCATION_STORE": "redis", "REDIS_URL": ground.valkey().url}
    key = _weigh(ground, ground.postgres_url(), rows, **store)["redis_key"]
    yield Kept("ours, Redis beside the database", {"redis_key": key})


def _others(ground: Ground, rows: int) -> Iterator[Kept]:
    """Weigh the tables of texts, and Simple JWT's where it is installed."""
    is_there = not SimpleJWT.missing()
    apps = {"BENCHMARK_APPS": " ".join(SimpleJWT.apps if is_there else ())}
    settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.over_http.settings", **apps}
    for where, url in (("SQLite", ground.sqlite_url()), ("PostgreSQL", ground.postgres_url())):
        found = _weigh(ground, url, rows, **settings)
        yield Kept(f"jwt-blacklist, {where}", {"token_text_row": found.pop("token_text_row")})
        if found:
            yield Kept(f"drf-simplejwt, {where}", found)


def _weigh(ground: Ground, url: str, rows: int, **more: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(ground.run("kept_rows", str(rows), database=url, **more))
    return found


def _denylist(ground: Ground, rows: int) -> float:
    """Log out of Apollo Server once, and weigh as many keys as there are rows like that one."""
    with ApolloServer(ground, workers=1) as apollo, closing(apollo.valkey.client()) as client:
        apollo.revoke(apollo.sign_in().access)
        [name] = client.keys()
        value, seconds = client.get(name), client.ttl(name)
        prefix = name.decode().rpartition(":")[0]
        before = used_memory(client)
        for size in [BATCH] * (rows // BATCH):
            _write(client, [f"{prefix}:{uuid4()}" for _ in range(size)], value, seconds)
        return (used_memory(client) - before) / (rows // BATCH * BATCH)


def _write(client: Any, names: list[str], value: Any, seconds: int) -> None:
    with client.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.set(name, value, ex=seconds)
        pipeline.execute()
