"""Copies of the project in which set-up runs for real, with packages of our own making."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make_wheel(folder, name, files):
    """Write a wheel that holds `files` and return its line in a lock."""
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_record_digest(text)},\n" for path, text in files.items())
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(path, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _record_digest(text):
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class Project:
    """A folder with our set-up, its own locks, and pip told to know no other packages."""

    folder: Path
    first: subprocess.CompletedProcess[str] | None = None

    @property
    def python(self):
        return self.folder / ".venv" / "bin" / "python"

    @property
    def wheels(self):
        return self.folder / "wheels"

    def lock(self, name, *lines):
        (self.folder / "requirements" / f"{name}.txt").write_text("".join(lines))

    def set_up(self, *steps, **environ):
        """Run these steps of set-up; return the finished process."""
        return subprocess.run(
            [sys.executable, "requirements", *steps],
            cwd=self.folder,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def environ(self):
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
        return kept | pip | {"PIP_FIND_LINKS": str(self.wheels), "PIP_NO_CACHE_DIR": "1"}

    def has(self, module):
        command = [self.python, "-c", f"import {module}"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def set_up_project(tmp_path_factory):
    """A project that was set up once; tests get copies, since creating it takes seconds."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.wheels.mkdir()
    (project.folder / "requirements").mkdir()
    for module in (ROOT / "requirements").glob("*.py"):
        shutil.copy(module, project.folder / "requirements")
    project.lock("run", make_wheel(project.wheels, "runneeds", {"runneeds.py": "WORKS = True\n"}))
    done = project.set_up("run")
    assert done.returncode == 0, done.stderr
    project.first = done
    return project


@pytest.fixture
def project(set_up_project, tmp_path):
    copy = Project(tmp_path / "project")
    shutil.copytree(set_up_project.folder, copy.folder, symlinks=True)
    return copy
