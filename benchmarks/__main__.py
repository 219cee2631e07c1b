"""Measure what a protected GraphQL request costs, side by side with the usual alternatives.

Nothing depends on the figures: a slow result is a result. It is an error when a contender does not
do what it says.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path

from . import stage


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, set Django up and run."""
    options = _options(arguments)
    with stage.prepared() as user:
        from .run import run

        run(
            user,
            round_count=options.rounds,
            request_count=options.requests,
            json_path=options.json,
        )


def _options(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=30, help="default: %(default)s")
    parser.add_argument(
        "--requests", type=_positive, default=50, help="in each batch; default: %(default)s"
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there, too")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number above zero")
    return int(text)


if __name__ == "__main__":
    main()
