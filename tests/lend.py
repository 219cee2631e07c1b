"""Lends a live server to tests that are no Python: `python -m tests.lend NAME=VALUE...`.

Prints its URL, and stops it when standard input ends. The arguments are its environment;
`WORKERS=4` is how many processes answer.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.live import LiveServer, create_template


def main(arguments: list[str]) -> None:
    environ = dict(argument.split("=", 1) for argument in arguments)
    workers = int(environ.pop("WORKERS", "2"))
    with TemporaryDirectory(prefix="lend-") as folder:
        template = create_template(Path(folder))
        with LiveServer(template, workers=workers, **environ) as server:
            print(f"http://127.0.0.1:{server.port}/graphql", flush=True)  # noqa: T201
            sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
