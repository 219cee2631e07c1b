"""A run's figures as text for the terminal."""

from collections.abc import Callable, Sequence
from typing import Any

from .flat import Flat
from .kept import Kept
from .results import Row, Verdict

Column = tuple[str, Callable[[Any], str]]

REFERENCES = ("django-graphql-jwt", "apollo-server")


def render(columns: Sequence[Column], rows: Sequence[Any]) -> str:
    """Return a table: one name to the left, figures to the right."""
    lines = [[title for title, _ in columns], *([of(row) for _, of in columns] for row in rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def render_load(rows: Sequence[Row]) -> str:
    """Return a table of servers at one task with so many connections; ratios are of throughput."""
    rates = {row.name: row.throughput for row in rows}

    def ratio_to(name: str) -> Column:
        return (f"to {name}", lambda row: f"{row.throughput / rates[name]:.2f}")

    columns: list[Column] = [
        (f"{rows[0].work}, {rows[0].connections} connections", lambda row: row.name),
        ("requests/s", lambda row: f"{row.throughput:,.0f}"),
        ("spread", lambda row: f"±{row.spread:.0%}"),
        *(ratio_to(name) for name in REFERENCES if rates.get(name)),
        ("p50 ms", lambda row: f"{row.p50_ms:.2f}"),
        ("p99 ms", lambda row: f"{row.p99_ms:.2f}"),
        ("server µs", lambda row: f"{row.server_us:,.0f}"),
        ("behind it µs", lambda row: f"{row.backing_us:,.0f}"),
        ("wrk µs", lambda row: f"{row.load_us:,.0f}"),
        ("errors", lambda row: str(row.errors)),
    ]
    return render(columns, rows)


def render_memory(rows: Sequence[dict[str, Any]]) -> str:
    """Return a table of what servers held of the memory after the load."""
    columns: list[Column] = [
        ("memory after the load", lambda row: row["name"]),
        ("MB each worker", lambda row: f"{row['memory'].worker_mb:,.1f}"),
        ("MB in all", lambda row: f"{row['memory'].total_mb:,.1f}"),
    ]
    return render(columns, rows)


def render_kept(rows: Sequence[Kept]) -> str:
    """Return a table of what a revoked session takes."""
    columns: list[Column] = [
        ("kept for each revoked session", lambda row: row.where),
        ("bytes", lambda row: f"{row.total:,.0f}"),
        ("of which", lambda row: ", ".join(map(_part, row.what.items()))),
    ]
    return render(columns, rows)


def render_flat(rows: Sequence[Flat]) -> str:
    """Return a table of `me` beside an empty and a full blacklist."""
    columns: list[Column] = [
        ("live rows", lambda row: f"{row.database}, {row.rows:,}"),
        ("µs with none", lambda row: f"{row.empty_us:,.0f}"),
        ("µs with all", lambda row: f"{row.full_us:,.0f}"),
        ("ratio", lambda row: f"{row.ratio:.3f}"),
    ]
    return render(columns, rows)


def render_verdict(verdict: Verdict) -> str:
    """Return one line about a target."""
    met = "met" if verdict.is_met else "not met"
    return f"target: {verdict.name}: {met} ({verdict.ratio:.3f})"


def _part(part: tuple[str, float]) -> str:
    name, size = part
    return f"{name.replace('_', ' ')} {size:,.0f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = cells
    aligned = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *aligned])
