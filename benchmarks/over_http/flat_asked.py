"""Compares `me` beside an empty and a full blacklist, in one process and in turns.

`python -m benchmarks.over_http.flat_asked ROWS ROUNDS REQUESTS`, under `benchmarks.scale.settings`,
whose two databases differ in their size alone. Prints microseconds of processor time as JSON.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import django

from .. import mutations, stage
from ..http import Application, ask, post, send
from ..work import Work
from .served import ANYBODY
from .tasks import account_work

# As many tokens, so that questions lead all over the index; of fewer rows, no more than rows.
TOKENS = 500
ALIASES = {"empty": "small", "full": "default"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two databases, and tokens of sessions that are in it."""

    connection: Any
    tokens: list[str]
    cpu_seconds: Callable[[], float]


def main(rows: int, rounds: int, requests: int) -> None:
    """Fill one database, ask both in turns, and print the medians."""
    django.setup()
    from api.wsgi import application

    _fill(rows)
    work = account_work()
    # The first request of a process changes how its databases are connected to.
    ask(application, _post({"query": ANYBODY}))
    sides = {name: _side(application, alias, min(TOKENS, rows)) for name, alias in ALIASES.items()}
    _settle()
    costs: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name in sorted(sides, reverse=bool(number % 2)):
            cost = _cost(application, sides[name], work, requests)
            # In the first round, connections and statements are prepared.
            costs[name] += [cost] if number else []
    for side in sides.values():
        _ensure_revoking(application, side, work)
    medians = {name: median(found) * 1e6 for name, found in costs.items()}
    print(json.dumps(medians | {"rows": _count(sides["full"]), "rounds": costs}))


def _fill(rows: int) -> None:
    from django.db import connection

    from ..scale import rows as tables
    from . import flat_rows

    add = {"postgresql": tables.add_live, "sqlite": flat_rows.add_live}[connection.vendor]
    add(rows)


def _settle() -> None:
    """Leave statistics as a server at rest has them: PostgreSQL plans by them."""
    from django.db import connection

    from ..scale import rows as tables

    if connection.vendor == "postgresql":
        for alias in ALIASES.values():
            tables.vacuum(alias)


def _side(application: Application, alias: str, tokens: int) -> Side:
    """Sign in, many times, on one of the databases."""
    from django.db import connections

    # To the application there is one database, which is this or that.
    connection = connections[alias].copy(alias="default")
    connections[alias].close()
    with _in_use(connection):
        texts = [_sign_in(application) for _ in range(tokens)]
    return Side(connection, texts, _clock(connection))


@contextmanager
def _in_use(connection: Any) -> Iterator[None]:
    from django.db import connections

    before = connections["default"]
    connections["default"] = connection
    try:
        yield
    finally:
        connections["default"] = before


def _sign_in(application: Application) -> str:
    variables = {"username": stage.USERNAME, "password": stage.PASSWORD}
    answer = ask(application, _post({"query": mutations.SIGN_IN, "variables": variables}))
    return str(answer.json["data"]["tokenAuth"]["token"])


def _post(body: dict[str, Any], token: str = "") -> Any:
    credentials = f"Bearer {token}" if token else ""
    return post("/graphql", json.dumps(body).encode(), authorization=credentials)


def _cost(application: Application, side: Side, work: Work, requests: int) -> float:
    """Return what one request takes of the processors, here and in the database's process."""
    # Others come first the next time.
    side.tokens.append(side.tokens.pop(0))
    tokens = islice(cycle(side.tokens), requests)
    environs = [_post({"query": work.query}, token) for token in tokens]
    with _in_use(side.connection):
        gc.collect()
        before = side.cpu_seconds()
        answers = [send(application, environ) for environ in environs]
        taken = side.cpu_seconds() - before
    assert all(json.loads(body) == {"data": work.expected} for _, _, body in answers)
    return taken / requests


def _ensure_revoking(application: Application, side: Side, work: Work) -> None:
    """Log out on the database, and ensure that it was this one that was asked."""
    [token, *_] = side.tokens
    with _in_use(side.connection):
        before = _count(side)
        ask(application, _post({"query": mutations.LOGOUT}, token))
        answer = ask(application, _post({"query": work.query}, token))
        assert work.refusal(answer) == "TOKEN_REVOKED", answer
        assert _count(side) == before + 1


def _count(side: Side) -> int:
    with side.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM revocation_revokedtoken")
        return int(cursor.fetchone()[0])


def _clock(connection: Any) -> Callable[[], float]:
    if connection.vendor == "sqlite":
        return time.process_time
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    return partial(_both, Path(f"/proc/{backend}/schedstat"))


def _both(backend: Path) -> float:
    """Return what this process and the database's own for this connection have taken so far."""
    return time.process_time() + int(backend.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
