"""The driver of MariaDB, compiled where the machine has a MariaDB to test with."""

import os
import shutil
import subprocess

import environment
from steps import StepFailed

NEEDED = "libmariadb-dev, pkg-config, python3-dev and a C compiler"
MISSING = f"The driver of MariaDB is not installed: compiling it needs {NEEDED}."
BROKEN = f"The driver of MariaDB could not be compiled; that needs {NEEDED}."


def install() -> None:
    """Install it if it can be of use; only where CI asks for everything must it be."""
    if not _has_server():
        return
    is_needed = os.environ.get("CI") == "true"
    if not (is_needed or _has_headers() or environment.is_installed("mariadb")):
        print(MISSING)
        return
    try:
        environment.install("mariadb")
    except StepFailed as failure:
        if is_needed:
            raise StepFailed(f"{BROKEN} {failure}", output=failure.output) from failure
        print(BROKEN)


def _has_server() -> bool:
    return (
        shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") is not None
    )


def _has_headers() -> bool:
    if "MYSQLCLIENT_CFLAGS" in os.environ:
        return True
    asked = ["pkg-config", "--exists", "libmariadb"]
    return bool(shutil.which("pkg-config")) and not subprocess.run(asked, check=False).returncode
