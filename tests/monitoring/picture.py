"""Draws the dashboard from what a real Prometheus answers: `python -m tests.monitoring.picture`.

Puts a minute of load on a server with two workers, or as many seconds as are named, and writes
docs/images/dashboard.png. Needs Prometheus, and the dependencies of `make bench`.
"""

import random
import sys
import time
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from tests.client import LOGOUT, ME, SIGN_IN
from tests.docs.examples import DOCS
from tests.live import USERS, LiveServer, create_template
from tests.monitoring.prometheus import Prometheus, panels

PICTURE = DOCS / "images" / "dashboard.png"
TOKEN = "a-token-for-a-picture-alone-and-nothing-else"
SECONDS = 60
# Of what is drawn, and of Grafana's grid.
STEP_SECONDS = 0.5
COLUMNS, INCHES_PER_COLUMN, INCHES_PER_ROW = 24, 0.5, 0.3
TEXT, LINES, BACKGROUND = "#24292f", "#e4e7ea", "#f6f7f8"
COLORS = ("#1f6f54", "#d1782a", "#3b6ea5", "#a23b52", "#7a6aa8", "#8a8f2a", "#4f9aa3")
MILLI = 1000


def main(seconds: float = SECONDS) -> None:
    with TemporaryDirectory() as folder:
        template = create_template(Path(folder))
        options = {"METRICS_TOKEN": TOKEN, "REFRESH_GRACE_SECONDS": "1"}
        with (
            LiveServer(template, workers=2, **options) as server,
            Prometheus(port=server.port, token=TOKEN) as prometheus,
        ):
            began = time.time()
            load(server, seconds)
            draw(prometheus, start=began, end=time.time())


def load(server: LiveServer, seconds: float) -> None:
    """Let a few people use the API, more of them towards the middle, and some badly."""
    is_over = Event()
    users = [
        Thread(target=use, args=(server.client(), name, is_over, number))
        for number, name in enumerate(USERS[:6])
    ]
    for number, user in enumerate(users):
        user.start()
        time.sleep(seconds / 2 / len(users) if number else 0)
    guess(server.client())
    time.sleep(seconds / 2)
    is_over.set()
    for user in users:
        user.join()


def guess(client: Any) -> None:
    """Guess a password until nobody looks any more, and a little longer."""
    for _ in range(15):
        client(SIGN_IN, username=USERS[-1], password="wrong")


def use(client: Any, name: str, is_over: Event, seed: int) -> None:
    chance = random.Random(seed)
    for turn in cycle(range(12)):
        if is_over.is_set():
            return
        if chance.random() < 1 / 4:
            client(SIGN_IN, username=name, password="wrong")
        tokens = first = client.sign_in(name)
        for _ in range(chance.randrange(20, 60)):
            client.bearing(tokens)(ME)
            if chance.random() < 1 / 12:
                tokens = client.refresh(tokens)
            is_over.wait(0.01)
        if turn == seed and tokens is not first:
            # A copy, long after.
            is_over.wait(1.5)
            client.try_refresh(first)
        elif chance.random() < 2 / 3:
            client.bearing(tokens)(LOGOUT)
        client.bearing(tokens)(ME)


def draw(prometheus: Prometheus, **between: float) -> None:
    """Write the picture: each panel where Grafana would have it."""
    shown = panels()
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in shown)
    size = COLUMNS * INCHES_PER_COLUMN, rows * INCHES_PER_ROW
    figure = Figure(figsize=size, facecolor=BACKGROUND)
    for panel in shown:
        place = panel["gridPos"]
        left, width = place["x"] / COLUMNS, place["w"] / COLUMNS
        bottom, height = 1 - (place["y"] + place["h"]) / rows, place["h"] / rows
        is_stat = panel["type"] == "stat"
        margin = (0.012, 0.02) if is_stat else (0.04, 0.045)
        axes = figure.add_axes(
            (
                left + margin[0],
                bottom + margin[1],
                width - margin[0] - 0.012,
                height - margin[1] - 0.03,
            )
        )
        axes.set_title(panel["title"], loc="left", fontsize=9, color=TEXT, fontweight="bold")
        draw_panel = draw_stat if is_stat else draw_series
        draw_panel(axes, panel, prometheus, **between)
    FigureCanvasAgg(figure).print_figure(PICTURE, format="png", dpi=100)


def draw_stat(axes: Any, panel: Any, prometheus: Prometheus, **_: float) -> None:
    [series] = prometheus.query(panel["targets"][0]["expr"])
    value = float(series["value"][1])
    axes.text(0.03, 0.4, f"{value:,.0f}", fontsize=24, color=COLORS[0], va="center")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(LINES)


def draw_series(axes: Any, panel: Any, prometheus: Prometheus, **between: float) -> None:
    begin, colors = between["start"], cycle(COLORS)
    for target in panel["targets"]:
        for series in prometheus.query_range(target["expr"], step=STEP_SECONDS, **between):
            label = target["legendFormat"]
            for name in ("door", "outcome", "reason", "store", "table"):
                label = label.replace(f"{{{{{name}}}}}", series["metric"].get(name, ""))
            moments, values = zip(*series["values"], strict=True)
            seconds = [moment - begin for moment in moments]
            axes.plot(seconds, list(map(float, values)), label=label, color=next(colors), lw=1.4)
    unit = panel["fieldConfig"]["defaults"]["unit"]
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: written(value, unit)))
    axes.set_xlim(0, between["end"] - begin)
    # Room for the legend; and a line at nought is seen to be at nought.
    axes.set_ylim(0, axes.get_ylim()[1] * 1.3 if axes.dataLim.ymax else 1)
    axes.xaxis.set_major_formatter("{x:.0f} s")
    axes.tick_params(labelsize=7, colors=TEXT, length=0)
    axes.grid(color=LINES, lw=0.6)
    axes.spines[:].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=6.5, frameon=False, loc="upper left", labelcolor=TEXT)


def written(value: float, unit: str) -> str:
    if unit == "s" and 0 < value < 1:
        return f"{value * MILLI:g} ms"
    return f"{value:g}{' s' if unit == 's' else ''}{'/s' if unit == 'reqps' else ''}"


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
