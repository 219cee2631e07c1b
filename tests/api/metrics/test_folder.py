"""A folder for each start of a server; none is left behind for long."""

import os
import subprocess
import sys
import tempfile

import pytest

from api.metrics.folder import make_folder

SERVER = """
import os, sys
from api.metrics.folder import make_folder
folder = make_folder()
# As `manage.py serve` becomes the server.
os.execv(sys.executable, [sys.executable, "-c", f"print({str(folder)!r}, flush=True); input()"])
"""


@pytest.fixture(autouse=True)
def _somewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def server():
    """Start a process that has a folder, and has become another program since."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=pipe, stdout=pipe, text=True) as it:
        it.folder = it.stdout.readline().strip()
        yield it
        it.kill()


def test_nobody_else_may_look_into_it():
    assert make_folder().stat().st_mode & 0o777 == 0o700


def test_that_of_a_server_that_runs_stays(server):
    make_folder()

    assert os.path.isdir(server.folder)  # noqa: PTH112


def test_that_of_one_that_is_gone_is_removed(server, tmp_path):
    server.kill()
    server.wait()
    folder = make_folder()

    assert list(tmp_path.iterdir()) == [folder]


def test_what_only_looks_like_one_is_left_alone(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (tmp_path / "revocation-metrics-link").symlink_to(elsewhere)
    (tmp_path / "revocation-metrics-file").touch()
    make_folder()

    assert (elsewhere / "file").exists()
    assert (tmp_path / "revocation-metrics-link").is_symlink()
    assert (tmp_path / "revocation-metrics-file").exists()
