"""A run's figures as a picture: CPU time of each contender at each work, on each set-up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .setups import Setup

# What is drawn, from left to right; an open list says nothing that the protected one does not.
WORKS = ("me", "books", "aliases", "sign-in", "refresh", "logout")
OURS, OTHERS = "#1f6f54", "#b9c2c9"
TEXT, LINES = "#24292f", "#e4e7ea"
DPI = 150


def draw(found: dict[str, Any], path: Path) -> None:
    """Write a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    runs = found["runs"]
    heights = [len(_names(run)) + 1 for run in runs]
    size = (2.4 * len(WORKS) + 1.6, 0.28 * sum(heights) + 0.8)
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle("CPU per request, milliseconds (less is better)", color=TEXT, fontsize=12)
    grid = figure.subplots(len(runs), len(WORKS), squeeze=False, height_ratios=heights)
    for axes, run in zip(grid, runs, strict=True):
        _draw_run(axes, run)
    FigureCanvasAgg(figure).print_figure(path, format="png", dpi=DPI)


def _names(run: dict[str, Any]) -> list[str]:
    """Return the contenders of a run, in the order of its tables."""
    return list(dict.fromkeys(row["name"] for work in run["works"] for row in work["rows"]))


def _draw_run(axes: Sequence[Any], run: dict[str, Any]) -> None:
    works, names = {work["name"]: work["rows"] for work in run["works"]}, _names(run)
    for number, (ax, work) in enumerate(zip(axes, WORKS, strict=True)):
        _draw_work(ax, work, names, {row["name"]: row for row in works.get(work, ())})
        ax.set_yticks(range(len(names)), names if number == 0 else [])
    axes[0].set_ylabel(str(Setup(run["database"], run["store"])), color=TEXT, fontsize=10)


def _draw_work(ax: Any, work: str, names: Sequence[str], rows: dict[str, Any]) -> None:
    values = [rows[name]["cpu_us"] / 1000 if name in rows else 0 for name in names]
    colors = [OURS if name.startswith("ours") else OTHERS for name in names]
    bars = ax.barh(range(len(names)), values, color=colors, height=0.7)
    labels = [f"{value:.2f}" if value else "-" for value in values]
    ax.bar_label(bars, labels, padding=3, fontsize=8, color=TEXT)
    ax.set_title(work, fontsize=10, color=TEXT, loc="left")
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.margins(x=0.3)
    ax.xaxis.set_visible(False)
    ax.tick_params(colors=TEXT, labelsize=8, length=0)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "left")
        spine.set_color(LINES)
