"""A run's figures as a picture: CPU time of each contender at each work, on each set-up."""

from collections.abc import Sequence
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
TITLE = "CPU per request in milliseconds: less is better"
OURS, OTHERS = "#1f6f54", "#b9c2c9"
TEXT, LINES = "#24292f", "#e4e7ea"
INCHES_PER_BAR = 0.28
DPI = 150


def draw(found: dict[str, Any], path: Path) -> None:
    """Write a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    runs = found["runs"]
    heights = [len(_names(run)) + 2.5 for run in runs]
    size = (2.4 * len(WORKS) + 1.6, INCHES_PER_BAR * (sum(heights) + 2))
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(TITLE, color=TEXT, fontsize=11)
    parts = figure.subfigures(len(runs), 1, squeeze=False, height_ratios=heights)
    for part, run in zip(parts.flat, runs, strict=True):
        _draw_run(part, run)
    FigureCanvasAgg(figure).print_figure(path, format="png", dpi=DPI)


def _draw_run(part: Any, run: dict[str, Any]) -> None:
    works, names = {work["name"]: work["rows"] for work in run["works"]}, _names(run)
    title = f"On {Setup(run['database'], run['store'])}"
    part.suptitle(title, x=0.005, ha="left", color=TEXT, fontsize=11, fontweight="bold")
    axes = part.subplots(1, len(WORKS))
    for ax, (work, described) in zip(axes, WORKS.items(), strict=True):
        _draw_work(ax, names, {row["name"]: row for row in works.get(work, ())})
        ax.set_title(described, fontsize=10, color=TEXT, loc="left")
        ax.set_yticks(range(len(names)), names if ax is axes[0] else [])


def _draw_work(ax: Any, names: Sequence[str], rows: dict[str, Any]) -> None:
    values = [rows[name]["cpu_us"] / 1000 if name in rows else 0 for name in names]
    colors = [OURS if name.startswith("ours") else OTHERS for name in names]
    bars = ax.barh(range(len(names)), values, color=colors, height=0.7)
    labels = [f"{value:.2f}" if value else "-" for value in values]
    ax.bar_label(bars, labels, padding=3, fontsize=8, color=TEXT)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.margins(x=0.3)
    ax.xaxis.set_visible(False)
    ax.tick_params(colors=TEXT, labelsize=8, length=0)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "left")
        spine.set_color(LINES)


def _names(run: dict[str, Any]) -> list[str]:
    """Return the contenders of a run, in the order of its tables."""
    return list(dict.fromkeys(row["name"] for work in run["works"] for row in work["rows"]))
