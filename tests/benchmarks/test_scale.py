"""The script that fills PostgreSQL, with few enough rows for a test."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The others are about time, which depends on what else the machine does.
ALWAYS_KEPT = {
    "the verdict's plan uses indexes",
    "the purge finds its rows in an index alone",
    "the purge takes what expired and nothing else",
    "its memory is bounded",
}


def test_it_fills_purges_and_says_what_it_found(tmp_path):
    figures = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", "--rows=20000", "--json", str(figures)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert "Traceback" not in done.stderr, done.stderr
    found = json.loads(figures.read_text())
    kept = {promise["name"] for promise in found["promises"] if promise["is_kept"]}
    assert kept >= ALWAYS_KEPT, done.stdout
    assert done.returncode == (len(kept) < len(found["promises"]))
    assert found["purge"]["purged"]["blacklist_entries"] > 0
    assert found["purge"]["statements"] > 0
