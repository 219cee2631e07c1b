"""A file of signing keys, which a running worker may read while a command replaces it.

It is a JSON Web Key Set (RFC 7517, 5) that says of each key what it is there
for, and since when.
It is written whole or not at all, so whoever reads it finds the keys from before or from after.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .problem import Problem
from .signing_key import SigningKey, UnusableKey, key_of_jwk
from .written import as_moment

_NEXT, _CURRENT, _PREVIOUS = "next", "current", "previous"
_FOR_THE_OWNER = 0o600


@dataclass(frozen=True, slots=True)
class DatedKey:
    """A key, and since when it has been what it is: next, current or previous."""

    key: SigningKey
    since: datetime


@dataclass(frozen=True, slots=True)
class KeySet:
    """What verifies, and which of it signs: the current one. The next one will."""

    current: DatedKey
    next: DatedKey | None = None
    previous: tuple[DatedKey, ...] = field(default=())

    def __iter__(self) -> Iterator[tuple[str, DatedKey]]:
        """Go through what each key is there for, and the key; the one that signs comes first."""
        yield _CURRENT, self.current
        if self.next:
            yield _NEXT, self.next
        for dated in self.previous:
            yield _PREVIOUS, dated


def read_keys(path: Path) -> KeySet:
    """Return what a file holds. Raises `UnusableKey`."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from None
    with suppress(ValueError, TypeError, LookupError, RecursionError):
        written = json.loads(text)
        found = [(str(it["status"]), as_moment(it["since"]), it) for it in written["keys"]]
        return _key_set(path, found)
    # Not from within: what failed to be read has the keys with it.
    raise _unusable(path, "is no set of keys" if text.strip() else "is empty")


def write_keys(path: Path, keys: KeySet) -> None:
    """Replace a file, or make it. Raises `OSError`, and then the file is what it was.

    Owner and rights stay, for the workers that read it; a new one is for its owner alone.
    """
    path = Path(os.path.realpath(path))
    # One name, so that what a killed command left behind is overwritten by the next.
    beside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    try:
        _write_new(beside, _as_json(keys), like=path)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    # The rename itself survives a power cut, where folders can be brought to the disk. It is done:
    # what fails now must not be told as if nothing had been.
    with suppress(OSError), _opened(path.parent, os.O_RDONLY) as folder:
        os.fsync(folder)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep two commands from undoing each other. Raises `OSError`."""
    with _opened(Path(os.path.realpath(path)).parent, os.O_RDONLY) as folder:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield


def _key_set(path: Path, found: list[tuple[str, datetime, Any]]) -> KeySet:
    of: dict[str, list[DatedKey]] = {_CURRENT: [], _NEXT: [], _PREVIOUS: []}
    kids = set()
    for number, (status, since, entry) in enumerate(found):
        key = key_of_jwk(entry, source=f"Key {number} in REVOCATION['KEYS_FILE'], {path},")
        if status not in of or entry.get("kid") != key.kid or key.kid in kids:
            raise _unusable(path, "has a key of another name or status than it says")
        kids.add(key.kid)
        of[status].append(DatedKey(key, since))
    if len(of[_CURRENT]) != 1 or len(of[_NEXT]) > 1:
        raise _unusable(path, "has not one current key and at most one next key")
    if not all(dated.key.signing for dated in (*of[_CURRENT], *of[_NEXT])):
        raise _unusable(path, "lacks the private half of a key that signs")
    previous = (replace(it, key=it.key.without_private_half()) for it in of[_PREVIOUS])
    return KeySet(of[_CURRENT][0], next(iter(of[_NEXT]), None), tuple(previous))


def _as_json(keys: KeySet) -> bytes:
    entries = [
        {"status": status, "since": dated.since.isoformat(), **dated.key.as_jwk(is_public=False)}
        for status, dated in keys
    ]
    return json.dumps({"keys": entries}, indent=2).encode() + b"\n"


def _write_new(path: Path, data: bytes, *, like: Path) -> None:
    with _opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as file:
        with suppress(FileNotFoundError):
            there = like.stat()
            made = os.fstat(file)
            if (there.st_uid, there.st_gid) != (made.st_uid, made.st_gid):
                os.fchown(file, there.st_uid, there.st_gid)
            os.fchmod(file, there.st_mode & 0o777)
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        os.fsync(file)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags, _FOR_THE_OWNER)
    try:
        yield file
    finally:
        os.close(file)


def _unusable(path: Path, fact: str) -> UnusableKey:
    return UnusableKey(
        Problem(
            "revocation.E051",
            f"REVOCATION['KEYS_FILE'], {path}, {fact}.",
            "Restore it, if there was one. Else let `python manage.py rotate_key` take over the "
            "key that has signed so far, or, where nobody is signed in yet, let "
            "`python manage.py rotate_key --create` make one.",
        )
    )
