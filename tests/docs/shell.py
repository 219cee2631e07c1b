"""A shell in which the commands of a page are run as somebody would paste them."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

END = "-- end of what was pasted --"


class Shell(AbstractContextManager["Shell"]):
    """One bash for a whole page: what a block sets, the next one finds."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, text: str) -> str:
        """Run some lines and return what they print."""
        # Read whole before it runs: a program in it must not read the rest as its input.
        self._process.stdin.write(f"{{ {text}\n}} </dev/null; echo; echo '{END}'\n")
        self._process.stdin.flush()
        printed = []
        for line in self._process.stdout:
            if line == f"{END}\n":
                return "".join(printed).removesuffix("\n")
            printed.append(line)
        raise AssertionError("".join(printed))

    def paste(self, block: str) -> None:
        """Run a block, and see that each command prints what the comment below it says."""
        for commands, promised in steps(block):
            printed = self.run(commands)
            if promised:
                assert is_as_promised(printed, promised), f"{commands}\n{printed}"


def steps(block: str) -> Iterator[tuple[str, str]]:
    """Yield some lines and what the comments below them say that they print."""
    for commands, promised in re.findall(r"((?:^(?!# ).*\n)+)((?:^# .*\n)*)", block, re.MULTILINE):
        yield commands, "".join(line[2:] for line in promised.splitlines(keepends=True))


def is_as_promised(printed: str, promised: str) -> bool:
    """Compare; `…` stands for anything within a line, and on a line of its own for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in promised.splitlines()
    )
    return re.fullmatch(pattern, f"{printed.rstrip()}\n" if printed.strip() else "") is not None
