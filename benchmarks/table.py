"""A run's figures as text for the terminal."""

from collections.abc import Callable, Sequence

from .results import Row, Verdict

Column = tuple[str, Callable[[Row], str]]


REFERENCES = ("django-graphql-jwt", "floor")


def render(rows: Sequence[Row]) -> str:
    """Return a table; ratios are of CPU time, and `spread` is that of CPU time."""
    columns = _columns(rows)
    lines = [[title for title, _ in columns], *([of(row) for _, of in columns] for row in rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def render_verdict(verdict: Verdict) -> str:
    """Return one line about a target."""
    met = "met" if verdict.is_met else "not met"
    return f"target: {verdict.target.name}: {met} ({verdict.ratio:.3f})"


def _columns(rows: Sequence[Row]) -> list[Column]:
    cpu = {row.name: row.cpu_us for row in rows}

    def ratio_to(name: str) -> Column:
        return (f"to {name}", lambda row: f"{row.cpu_us / cpu[name]:.2f}")

    return [
        ("", lambda row: row.name),
        ("µs", lambda row: f"{row.wall_us:,.0f}"),
        ("µs CPU", lambda row: f"{row.cpu_us:,.0f}"),
        ("spread", lambda row: f"±{row.spread:.0%}"),
        *(ratio_to(name) for name in REFERENCES if name in cpu),
        ("SQL", lambda row: str(row.statements)),
        ("revokes", lambda row: "yes" if row.is_revoking else "no"),
    ]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = cells
    aligned = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *aligned])
