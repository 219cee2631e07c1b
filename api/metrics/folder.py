"""The folder in which the workers of one server count."""

import fcntl
import os
import tempfile
from pathlib import Path
from shutil import rmtree

# Of the environment: names a folder that was empty when the server started. `manage.py serve` makes
# one.
FOLDER = "METRICS_FOLDER"
_PREFIX = "revocation-metrics-"


def make_folder() -> Path:
    """Return a new one, held by this process, and by what it becomes, for as long as that lives.

    Those of servers that are gone are removed: they could not do so themselves.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if (held := _hold(left)) is not None:
            rmtree(left, ignore_errors=True)
            os.close(held)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    held = _hold(folder)
    if held is None or not folder.is_dir():
        # Another server, starting as well, took it for one that was left.
        return make_folder()
    os.set_inheritable(held, True)
    return folder


def _hold(folder: Path) -> int | None:
    """Return a lock on a folder, or None where somebody holds it or it is not ours."""
    try:
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(file).st_uid == os.geteuid():
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
    except BlockingIOError:
        pass
    os.close(file)
    return None
