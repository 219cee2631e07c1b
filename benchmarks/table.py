"""A run's figures as text for the terminal."""

from collections.abc import Callable, Sequence

from .results import Row, Work
from .targets import Verdict, ratio

Column = tuple[str, Callable[[Row], str]]


REFERENCES = ("django-graphql-jwt", "floor")
NONE = "-"


def render(rows: Sequence[Row]) -> str:
    """Return a table; ratios are of CPU time, and `spread` is that of CPU time."""
    columns = _columns(rows)
    return _aligned(
        [[title for title, _ in columns], *([of(row) for _, of in columns] for row in rows)]
    )


def render_all(works: Sequence[Work]) -> str:
    """Return a table of every contender at every work: µs of CPU, and how often it asks SQL."""
    names = list(dict.fromkeys(row.name for work in works for row in work.rows))
    cells = {
        (row.name, work.name): f"{row.cpu_us:,.0f} ({row.statements})"
        for work in works
        for row in work.rows
    }
    lines = [[name, *(cells.get((name, work.name), NONE) for work in works)] for name in names]
    return _aligned([["µs CPU (SQL)", *(work.name for work in works)], *lines])


def render_verdict(verdict: Verdict) -> str:
    """Return one line about a target."""
    target = verdict.target
    met = "met" if verdict.is_met else "not met"
    value = f"{verdict.value:.3f}" if target.to else f"{verdict.value:.0f}"
    more = "" if verdict.more_us is None else f", {verdict.more_us:+,.0f} µs"
    return f"target: {target.name} at most {target.at_most:.3g}: {met} ({value}{more})"


def _columns(rows: Sequence[Row]) -> list[Column]:
    by_name = {row.name: row for row in rows}

    def ratio_to(name: str) -> Column:
        return (f"to {name}", lambda row: f"{ratio(row, by_name[name]):.2f}")

    return [
        ("", lambda row: row.name),
        ("µs", lambda row: f"{row.wall_us:,.0f}"),
        ("µs CPU", lambda row: f"{row.cpu_us:,.0f}"),
        ("spread", lambda row: f"±{row.spread:.0%}"),
        *(ratio_to(name) for name in REFERENCES if name in by_name),
        ("SQL", lambda row: str(row.statements)),
        ("revokes", lambda row: "yes" if row.is_revoking else "no"),
    ]


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = cells
    aligned = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *aligned])
