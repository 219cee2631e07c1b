"""Load by wrk, which shares this machine's cores with the servers it asks."""

import json
import os
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..http import ACCEPT
from ..work import Work
from .served import Served

SCRIPT = Path(__file__).resolve().with_name("load.lua")
MISSING = (
    "wrk is not on the PATH. Install it (Debian and Ubuntu: apt install wrk; macOS: brew install "
    "wrk), or leave the load out: --parts kept,flat"
)
# It answers in time whatever happens; a server that does not is told as broken requests.
TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked of a server: the work, with which tokens, and the only right answer."""

    served: Served
    work: Work
    tokens: list[str]
    body: bytes


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


def load(aim: Aim, *, connections: int, seconds: int) -> Load:
    """Ask for so long over so many connections, each with one request at a time."""
    command = ["wrk", "--threads", "1", "--connections", str(connections)]
    timing = ["--duration", f"{seconds}s", "--timeout", TIMEOUT]
    before = _cpu_seconds()
    done = subprocess.run(
        [*command, *timing, "--script", str(SCRIPT), aim.served.url],
        env=os.environ | _variables(aim),
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    cpu_seconds = _cpu_seconds() - before
    return Load(seconds=said.pop("microseconds") / 1e6, cpu_seconds=cpu_seconds, **said)


def _variables(aim: Aim) -> dict[str, str]:
    credentials = [aim.served.headers(token).get("Authorization", "") for token in aim.tokens]
    return {
        "LOAD_ACCEPT": ACCEPT,
        "LOAD_BODY": aim.work.body.decode(),
        "LOAD_CREDENTIALS": "\n".join(credentials),
        "LOAD_EXPECTED": aim.body.decode(),
    }


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
