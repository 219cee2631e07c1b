"""Measure what protected GraphQL requests cost, side by side with the usual alternatives.

Nothing depends on the figures: a slow result is a result. It is an error when a contender does not
do what it says.
"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import setups
from .chart import draw
from .contenders import is_installed
from .several import run_each


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and run the set-ups that are asked for, one after the other."""
    options = _options(arguments)
    chosen = setups.chosen(options.database, options.store)
    found = run_each(chosen, rounds=options.rounds, requests=options.requests)
    print()
    for run in found["runs"]:
        print(*(target["says"] for target in run["targets"]), sep="\n")
    _write(found, options)


def _write(found: dict[str, Any], options: Namespace) -> None:
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    if options.chart:
        draw(found, options.chart)
    for path in filter(None, (options.json, options.chart)):
        print(f"Written: {path}", file=sys.stderr)


def _options(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=20, help="default: %(default)s")
    parser.add_argument(
        "--requests", type=_positive, default=50, help="of `me` in a batch; default: %(default)s"
    )
    parser.add_argument("--database", choices=setups.DATABASES, help="default: each in its turn")
    parser.add_argument("--store", choices=setups.STORES, help="of ours; default: both")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there, too")
    parser.add_argument("--chart", type=Path, metavar="PATH", help="draw them there, as PNG")
    options = parser.parse_args(arguments)
    if options.chart and not is_installed("matplotlib"):
        parser.error("--chart needs matplotlib, which `make bench` installs")
    return options


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number above zero")
    return int(text)


if __name__ == "__main__":
    main()
