"""The virtual environment in `.venv`, and the locked packages in it."""

import subprocess
import sys
from pathlib import Path

from stamps import Stamp
from steps import ROOT, StepFailed, run, step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Lies in `.venv` while pip writes there: what a killed pip left half done, it would take for whole.
UNFINISHED = VENV / "unfinished"

IS_USABLE = "import pip, sys; sys.exit(sys.version_info < (3, 11))"

VENV_ADVICE = (
    "The environment could not be created. If Python's venv module is missing, install it (on "
    "Debian and Ubuntu: apt install python3-venv), or name another Python: make run PYTHON=..."
)
PIP_ADVICE = (
    "The packages in {lock} could not be installed; pip says why above. Without a network, or "
    "behind a proxy or mirror, set it up for pip first. Then run the same command again."
)


def ensure() -> None:
    """Make `.venv` exist and work, anew if it was left unfinished or its Python is gone."""
    if _is_usable():
        return
    version = ".".join(str(part) for part in sys.version_info[:3])
    with step(f"Creating the environment in .venv with Python {version}"):
        VENV.mkdir(exist_ok=True)
        run([sys.executable, "-m", "venv", "--clear", VENV], advice=VENV_ADVICE)


def _is_usable() -> bool:
    if UNFINISHED.exists():
        return False
    try:
        asked = subprocess.run([PYTHON, "-c", IS_USABLE], capture_output=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0


def install(name: str) -> None:
    """Install exactly what `requirements/<name>.txt` locks, unless it is installed already."""
    if is_installed(name):
        return
    lock, stamp = _lock(name), _stamp(name)
    with step(f"Installing the packages in requirements/{name}.txt"):
        stamp.drop()
        UNFINISHED.touch()
        _pip_install(lock)
        stamp.write()
        UNFINISHED.unlink()


def is_installed(name: str) -> bool:
    """Whether what `requirements/<name>.txt` locks by now is installed."""
    return _stamp(name).is_current()


def _lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def _stamp(name: str) -> Stamp:
    return Stamp(VENV / "stamps" / name, of=[_lock(name)])


def _pip_install(lock: Path) -> None:
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    advice = PIP_ADVICE.format(lock=lock.relative_to(ROOT))
    try:
        run([*pip, "install", "--require-hashes", "--requirement", lock], advice=advice)
    except StepFailed as failure:
        # Nothing was touched yet, for instance for want of a network: what is there still works.
        if "Installing collected packages" not in failure.output:
            UNFINISHED.unlink()
        raise
