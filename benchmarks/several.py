"""Several set-ups one after the other, each in a process of its own, since Django has one."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .contenders import missing
from .setups import Setup

ROOT = Path(__file__).resolve().parent.parent


def run_each(chosen: Sequence[Setup], *, rounds: int, requests: int) -> dict[str, Any]:
    """Run these set-ups and return what all of them found, as one run would tell it.

    Raises `SystemExit` with the exit code of the first that fails, which has said why.
    """
    if missing():
        print(f"Left out, since `make bench` installs them: {', '.join(missing())}", flush=True)
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        found = [
            _run(setup, Path(folder) / f"{number}.json", rounds=rounds, requests=requests)
            for number, setup in enumerate(chosen)
        ]
    return {"machine": found[0]["machine"], "runs": [run for one in found for run in one["runs"]]}


def _run(setup: Setup, path: Path, *, rounds: int, requests: int) -> dict[str, Any]:
    options = (setup.database, setup.store, str(rounds), str(requests), str(path))
    command = [sys.executable, "-m", "benchmarks.one", *options]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return json.loads(path.read_text())
