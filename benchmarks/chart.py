"""A run's figures as a picture: each contender at each work, on each set-up and over HTTP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .setups import Setup
from .work import ALIASES, ROWS

# What is drawn, from left to right; an open list says nothing that the protected one does not.
WORKS = {
    "me": "me",
    "books": f"{ROWS} rows of 5 fields",
    "aliases": f"{ALIASES} aliases of me",
    "sign-in": "sign-in, less hashing",
    "refresh": "refresh",
    "logout": "logout",
}
CPU = "CPU per request in milliseconds: less is better"
THROUGHPUT = "requests each second: more is better"
OURS, OTHERS = "#1f6f54", "#b9c2c9"
TEXT, LINES = "#24292f", "#e4e7ea"
INCHES_PER_BAR = 0.28
DPI = 150


@dataclass(frozen=True, slots=True)
class Panel:
    """One set-up: what each work comes to, by the names of contenders."""

    title: str
    values: Mapping[str, Mapping[str, float]]
    form: str

    @property
    def names(self) -> list[str]:
        """The contenders, in the order of the tables."""
        return list(dict.fromkeys(name for values in self.values.values() for name in values))


def draw(found: dict[str, Any], path: Path) -> bool:
    """Write a PNG; return whether there was anything to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = list(panels_of(found))
    if not panels:
        return False
    heights = [len(panel.names) + 2.5 for panel in panels]
    size = (2.4 * len(WORKS) + 1.6, INCHES_PER_BAR * (sum(heights) + 1))
    figure = Figure(figsize=size, layout="constrained")
    parts = figure.subfigures(len(panels), 1, squeeze=False, height_ratios=heights)
    for part, panel in zip(parts.flat, panels, strict=True):
        _draw_panel(part, panel)
    FigureCanvasAgg(figure).print_figure(path, format="png", dpi=DPI)
    return True


def panels_of(found: dict[str, Any]) -> Iterator[Panel]:
    """Return what is drawn of a run: each set-up in process, and over HTTP, where it was loaded."""
    for run in found["runs"]:
        values = {
            work["name"]: {row["name"]: row["cpu_us"] / 1000 for row in work["rows"]}
            for work in run["works"]
        }
        setup = Setup(run["database"], run["store"])
        yield Panel(f"On {setup}, {CPU}", values, "{:.2f}")
    if rows := _usual(found.get("over_http", {}).get("rows", [])):
        values = {work: {} for work in WORKS}
        for row in rows:
            values[row["work"]][row["name"]] = row["throughput"]
        title = f"Over HTTP, {rows[0]['connections']} connections, {THROUGHPUT}"
        yield Panel(title, values, "{:,.0f}")


def _usual(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with as many connections as everything is measured with."""
    counts = [row["connections"] for row in rows]
    usual = max(counts, key=counts.count, default=0)
    return [row for row in rows if row["connections"] == usual]


def _draw_panel(part: Any, panel: Panel) -> None:
    part.suptitle(panel.title, x=0.005, ha="left", color=TEXT, fontsize=11, fontweight="bold")
    axes = part.subplots(1, len(WORKS))
    for ax, (work, described) in zip(axes, WORKS.items(), strict=True):
        _draw_work(ax, panel, panel.values.get(work, {}))
        ax.set_title(described, fontsize=10, color=TEXT, loc="left")
        ax.set_yticks(range(len(panel.names)), panel.names if ax is axes[0] else [])


def _draw_work(ax: Any, panel: Panel, found: Mapping[str, float]) -> None:
    names = panel.names
    values = [found.get(name, 0) for name in names]
    colors = [OURS if name.startswith("ours") else OTHERS for name in names]
    bars = ax.barh(range(len(names)), values, color=colors, height=0.7)
    labels = [panel.form.format(value) if value else "-" for value in values]
    ax.bar_label(bars, labels, padding=3, fontsize=8, color=TEXT)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.margins(x=0.3)
    ax.xaxis.set_visible(False)
    ax.tick_params(colors=TEXT, labelsize=8, length=0)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "left")
        spine.set_color(LINES)
