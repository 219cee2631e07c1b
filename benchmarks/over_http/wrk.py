"""Load by wrk, which shares this machine's cores with the servers it asks."""

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..http import ACCEPT
from ..tokens import Tokens
from .served import Served
from .tasks import MARKS, Task

SCRIPT = Path(__file__).resolve().with_name("load.lua")
MISSING = (
    "wrk is not on the PATH. Install it (Debian and Ubuntu: apt install wrk; macOS: brew install "
    "wrk), or leave the load out: --parts kept,flat"
)
# It answers in time whatever happens; a server that does not is told as broken requests.
TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked of a server, and the only right answer, with marks in place of its tokens."""

    served: Served
    task: Task
    expected: str


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: how much was answered, and how fast, in microseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    # Answers other than the right one, with the last of them; and requests without an answer.
    wrong: int
    broken: int
    sample: str
    # What wrk itself took of the processors.
    cpu_seconds: float


def is_installed() -> bool:
    """Whether it can be run."""
    return shutil.which("wrk") is not None


def load(
    aim: Aim,
    tokens: Sequence[Tokens],
    *,
    connections: int,
    seconds: int,
    requests: int | None = None,
) -> tuple[Load, list[Tokens]]:
    """Ask over so many connections, each with one request at a time; return the tokens brought.

    It ends after so many seconds, or before, when so many requests or all tokens are used up.
    """
    command = ["wrk", "--threads", "1", "--connections", str(connections)]
    timing = ["--duration", f"{seconds}s", "--timeout", TIMEOUT]
    with TemporaryDirectory(prefix="load-") as folder:
        sent, brought = Path(folder) / "sent", Path(folder) / "brought"
        sent.write_text("".join(f"{access} {refresh}\n" for access, refresh in tokens))
        files = {"LOAD_TOKENS": str(sent), "LOAD_BROUGHT": str(brought)}
        before = _cpu_seconds()
        done = subprocess.run(
            [*command, *timing, "--script", str(SCRIPT), aim.served.url],
            env=os.environ | _variables(aim) | files | {"LOAD_REQUESTS": str(requests or "")},
            capture_output=True,
            text=True,
            check=True,
        )
        cpu_seconds = _cpu_seconds() - before
        said = json.loads(done.stdout.splitlines()[-1])
        pairs = [Tokens(*line.split()) for line in brought.read_text().splitlines()]
    return Load(seconds=said.pop("microseconds") / 1e6, cpu_seconds=cpu_seconds, **said), pairs


def _variables(aim: Aim) -> dict[str, str]:
    credentials = aim.served.headers(MARKS.access if aim.task.is_signed else "")
    return {
        "LOAD_ACCEPT": ACCEPT,
        "LOAD_AUTHORIZATION": credentials.get("Authorization", ""),
        "LOAD_BODY": aim.task.body(aim.served, MARKS).decode(),
        "LOAD_EXPECTED": aim.expected,
        "LOAD_USE": aim.task.use,
    }


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
