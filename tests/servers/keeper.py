"""Keeps one server: `python keeper.py PARENT FOLDER USER COMMAND...`, for `tests.servers.process`.

Runs the command, as this user if one is named, prints its process id and ends when it ends. Should
the parent die first, be it killed, the server is killed and its folder removed. (The kernel's
parent-death signal would end a server with the *thread* that started it.)
"""

import os
import pwd
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import psutil

LOOK_SECONDS = 0.5


def main(parent: str, folder: str, user: str, *command: str) -> int:
    server = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=sys.stderr, **identity(user)
    )
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    while os.getppid() == int(parent):
        with suppress(subprocess.TimeoutExpired):
            return server.wait(LOOK_SECONDS)
    kill_all_of(server.pid)
    shutil.rmtree(folder, ignore_errors=True)
    return server.wait()


def identity(user: str) -> dict[str, Any]:
    """Return the arguments with which `subprocess` runs a command as this user and no more."""
    if not user:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def family(pid: int) -> list[psutil.Process]:
    """Return a process, if it lives, and whatever it started."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def kill_all_of(pid: int) -> None:
    """Kill a process and whatever it started, and wait until all of it is dead."""
    everything = family(pid)
    for process in everything:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    while any(is_alive(process) for process in everything):
        time.sleep(0.005)


def is_alive(process: psutil.Process) -> bool:
    """Whether it can still do something; a zombie cannot, and whoever reaps it may be slow."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
