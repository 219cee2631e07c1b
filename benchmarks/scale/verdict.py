"""What the statement that decides about a token costs, on the small and on the large database."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from random import Random
from statistics import median

from revocation.claims import AccessClaims, new_id
from revocation.stores.statement import verdict_statement

from .plans import Plan, plan_of, statements_of
from .rows import KNOWN_SESSIONS

ROUNDS = 60
QUESTIONS = 100


@dataclass(frozen=True)
class Cost:
    """The plan, and microseconds from a question to its answer."""

    plan: Plan
    microseconds: float


def compare() -> tuple[Cost, Cost]:
    """Return the cost on the small and on the large database, taken in turns."""
    times: dict[str, list[float]] = {"small": [], "default": []}
    random = Random(1)
    for _ in range(ROUNDS):
        claims = list(_questions(random))
        for alias, rounds in times.items():
            rounds.append(_ask_all(alias, claims))
    small, large = (_cost(alias, median(rounds)) for alias, rounds in times.items())
    return small, large


def _questions(random: Random) -> Iterator[AccessClaims]:
    """Return claims of good tokens; no two share their keys."""
    for _ in range(QUESTIONS):
        number = random.randint(1, KNOWN_SESSIONS)
        sid = md5(f"known{number}".encode(), usedforsecurity=False).hexdigest()
        yield AccessClaims(sub="1", jti=new_id(), sid=sid, exp=0, verified={})


def _ask_all(alias: str, claims: list[AccessClaims]) -> float:
    statement = verdict_statement(alias)
    began = time.perf_counter()
    for one in claims:
        facts = statement.run(one)
        assert facts.fingerprint
        assert not facts.is_revoked
    return (time.perf_counter() - began) / len(claims) * 1e6


def _cost(alias: str, microseconds: float) -> Cost:
    [claims, *_] = _questions(Random(2))
    statement = verdict_statement(alias)
    [sent] = statements_of(lambda: statement.run(claims), alias=alias)
    return Cost(plan_of(sent, alias=alias), microseconds)
