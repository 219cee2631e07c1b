"""The wheel of this project, and environments that hold it and what it says it needs."""

import email
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path) -> Path:
    """Have `python -m build` make a source archive, and of that the wheel; return the wheel."""
    # Without isolation: what builds it is here, and no network is asked for it.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = folder.glob("*.whl")
    return wheel


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        return email.message_from_bytes(archive.read(name))


def install(wheel: Path, *more: str, extras: str = "", folder: Path) -> Path:
    """Install a wheel and `more` into an environment of their own; return its Python.

    There is no network: what they need is packed again from where these tests run.
    """
    packages = folder / "packages"
    packages.mkdir()
    lines = metadata_of(wheel).get_all("Requires-Dist", [])
    for name in _needed([*_asked_for(lines, extras=[extras]), *map(Requirement, more)]):
        _pack(name, packages)
    _uv("venv", "--python", sys.executable, folder / "venv")
    python = folder / "venv" / "bin" / "python"
    options = ["--offline", "--no-index", "--find-links", packages, "--python", python]
    _uv("pip", "install", *options, f"{wheel}[{extras}]" if extras else wheel, *more)
    return python


def _uv(*arguments: str | Path) -> None:
    # What is packed here has the names of what others download: no cache must hold it.
    command = [sys.executable, "-m", "uv", "--quiet", "--no-cache", *arguments]
    subprocess.run(command, check=True)


def _needed(wanted: list[Requirement]) -> list[str]:
    """Return the names of all packages that these requirements come to."""
    found = set()
    for requirement in wanted:
        found.add(requirement.name)
        theirs = distribution(requirement.name).requires or []
        more = _asked_for(theirs, extras=requirement.extras)
        wanted += [further for further in more if further.name not in found]
    return sorted(found)


def _asked_for(lines: Iterable[str], *, extras: Iterable[str]) -> Iterator[Requirement]:
    """Return those requirements that apply here, with these extras."""
    places = [{"extra": extra} for extra in ("", *extras)]
    for requirement in map(Requirement, lines):
        if requirement.marker is None or any(map(requirement.marker.evaluate, places)):
            yield requirement


def _pack(name: str, folder: Path) -> None:
    """Make a wheel again of a package that is installed here."""
    found = distribution(name)
    files = [file for file in found.files or () if ".." not in file.parts]
    [info] = [file.parts[0] for file in files if file.name == "METADATA"]
    tags = re.findall(r"^Tag: (.+)-(.+)-(.+)$", found.read_text("WHEEL") or "", re.MULTILINE)
    tag = "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))
    with zipfile.ZipFile(folder / f"{info.removesuffix('.dist-info')}-{tag}.whl", "w") as archive:
        for file in files:
            if file.suffix != ".pyc":
                archive.write(str(file.locate()), str(file))
