"""What a run over HTTP can be told."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from .contenders import CONTENDERS
from .tasks import TASKS

PARTS = {
    "load": "throughput, latency, and memory",
    "kept": "what a revoked session takes on disk and in Redis",
    "flat": "a request beside an empty and a full blacklist, on each database",
}
# To see that all of it works; the figures say nothing.
QUICK = {
    "connections": (16,),
    "rounds": 1,
    "seconds": 1,
    "requests": 40,
    "warm_up": 40,
    "logouts": 40,
    "kept_rows": 1000,
    "flat_rows": (50,),
    "flat_rounds": 2,
}


def read(arguments: Sequence[str] | None = None) -> Namespace:
    """Read the options; leave with a sentence where one is none."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.quick:
        return options
    parser.set_defaults(**QUICK)
    return parser.parse_args(arguments)


def some_of(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    """Return what reads names out of these, parted by commas, in the order they are known in."""

    def parse(text: str) -> tuple[str, ...]:
        names = text.split(",")
        if unknown := set(names) - set(known):
            raise ArgumentTypeError(f"{', '.join(sorted(unknown))} is none of {', '.join(known)}")
        return tuple(name for name in known if name in names)

    return parse


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.over_http", description=_ABOUT)
    add = parser.add_argument
    add("--quick", action="store_true", help="try everything, and measure nothing")
    add("--parts", type=some_of(PARTS), help=f"{', '.join(PARTS)}; default: all that can be run")
    add("--servers", type=some_of(CONTENDERS), help=f"default: all: {', '.join(CONTENDERS)}")
    add("--works", type=some_of(TASKS), default=tuple(TASKS), help=", ".join(TASKS))
    add("--connections", type=_counts, default=(1, 16, 64), help="default: 1,16,64")
    add("--workers", type=_count, default=2, help="default: %(default)s")
    add("--rounds", type=_count, default=3, help="default: %(default)s")
    add("--seconds", type=_count, default=2, help="in each window; default: %(default)s")
    add("--requests", type=_count, help="that end a window before its time; default: none")
    add("--logouts", type=_count, default=500, help="in each window; default: %(default)s")
    add("--warm-up", type=_count, default=15_000, help=f"{_WARM_UP}; default: %(default)s")
    add("--kept-rows", type=_count, default=20_000, help="default: %(default)s")
    add("--flat-rows", type=_counts, default=(1_000_000,), help="1000000,10000000; default: 10^6")
    add("--flat-rounds", type=_count, default=200, help="default: %(default)s")
    add("--json", type=Path, metavar="PATH", help="write all figures there, too")
    return parser


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_count(word) for word in text.split(","))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number above zero")
    return int(text)


_ABOUT = "Measure servers over HTTP, side by side: speed, memory, and what they keep."
_WARM_UP = "requests each server serves before any is counted"
