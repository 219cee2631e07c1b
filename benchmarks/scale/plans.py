"""What PostgreSQL says it does for a statement of ours."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

Statement = tuple[str, Any]


@dataclass(frozen=True)
class Plan:
    """How our tables are read, what the planner thinks of it, and how many pages were touched."""

    text: str
    kinds: frozenset[str]
    cost: float
    pages: int

    @property
    def is_by_index(self) -> bool:
        """Whether no table of ours is read but through an index."""
        return bool(self.kinds) and all("Index" in kind for kind in self.kinds)


def statements_of(act: Callable[[], object], *, alias: str) -> list[Statement]:
    """Run something and return the statements it sent."""
    seen: list[Statement] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connections[alias].execute_wrapper(watch):
        act()
    return seen


def plan_of(statement: Statement, *, alias: str) -> Plan:
    """Run a statement and return its plan."""
    sql, params = statement
    with connections[alias].cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        [[answer]] = cursor.fetchall()
    top = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    ours = [node for node in _nodes(top) if node.get("Relation Name", "").startswith("revocation_")]
    return Plan(
        text=", ".join(
            f"{node['Node Type']} {node.get('Index Name') or node['Relation Name']}"
            for node in ours
        ),
        kinds=frozenset(node["Node Type"] for node in ours),
        cost=top["Total Cost"],
        pages=top["Shared Hit Blocks"] + top["Shared Read Blocks"],
    )


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
