"""Measure what protected GraphQL requests cost, side by side with the usual alternatives.

In one process first, and then over HTTP, for which `python -m benchmarks.over_http` alone has more
options. Nothing depends on the figures: a slow result is a result. It is an error when a contender
does not do what it says.
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
from .over_http import options as http_options
from .over_http.results import Findings, as_data
from .over_http.run import complaint, run
from .over_http.table import render_verdict
from .several import run_each

PARTS = ("process", "http")
QUICK = {"rounds": 2, "requests": 2}
# What is told to the part over HTTP, and read there.
PASSED_ON = ("servers", "works", "flat_rows")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, run the parts, and leave with 1 if a request was answered wrongly."""
    options = _options(arguments)
    over_http = http_options.read(_passed_on(options))
    found: dict[str, Any] = {"runs": []}
    findings = None
    try:
        if options.parts != "http":
            chosen = setups.chosen(options.database, options.store)
            found |= run_each(chosen, rounds=options.rounds, requests=options.requests)
        if options.parts != "process":
            findings = run(over_http)
            found["over_http"] = as_data(findings)
    finally:
        # What one part has found is not lost by the failure of another.
        _close(found, findings, options)
    sys.exit(complaint(findings) if findings else 0)


def _close(found: dict[str, Any], findings: Findings | None, options: Namespace) -> None:
    if not found["runs"] and not findings:
        # Figures of an earlier run are better than none.
        return
    lines = [target["says"] for one in found["runs"] for target in one["targets"]]
    print("", *lines, *map(render_verdict, findings.targets if findings else ()), sep="\n")
    if options.quick:
        print("That was quick: the figures say nothing.")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
        print(f"Written: {options.json}", file=sys.stderr)
    if options.chart and draw(found, options.chart):
        print(f"Written: {options.chart}", file=sys.stderr)


def _passed_on(options: Namespace) -> list[str]:
    given = {name: getattr(options, name) for name in PASSED_ON}
    told = [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value]
    return [*told, *(["--quick"] if options.quick else [])]


def _options(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="try everything, and measure nothing")
    add("--parts", choices=PARTS, help="in process or over HTTP alone; default: both")
    add("--json", type=Path, metavar="PATH", help="write all figures there, too")
    add("--chart", type=Path, metavar="PATH", help="draw them there, as PNG")
    process = parser.add_argument_group("in process").add_argument
    process("--rounds", type=_positive, default=20, help="default: %(default)s")
    process("--requests", type=_positive, default=50, help="of `me` in a batch; %(default)s")
    process("--database", choices=setups.DATABASES, help="default: each in its turn")
    process("--store", choices=setups.STORES, help="of ours; default: both")
    http = parser.add_argument_group("over HTTP").add_argument
    for name in PASSED_ON:
        http(f"--{name.replace('_', '-')}", help="as for python -m benchmarks.over_http")
    options = parser.parse_args(arguments)
    if options.chart and not is_installed("matplotlib"):
        parser.error("--chart needs matplotlib, which `make bench` installs")
    if not options.quick:
        return options
    parser.set_defaults(**QUICK)
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number above zero")
    return int(text)


if __name__ == "__main__":
    main()
