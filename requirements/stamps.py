"""Remembers from which files a result was made, so that it is made again only when they change."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from steps import ROOT


class Stamp:
    """The digest of the files a result was made of, kept in a file of its own."""

    def __init__(self, path: Path, *, of: Iterable[Path]) -> None:
        self.path = path
        self.sources = sorted(of)

    def is_current(self) -> bool:
        return self.path.is_file() and self.path.read_text() == self._digest()

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self._digest())

    def drop(self) -> None:
        """Forget the result before it is made again, so that being killed midway shows."""
        self.path.unlink(missing_ok=True)

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for source in self.sources:
            digest.update(f"{source.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(source.read_bytes()).digest())
        return digest.hexdigest()
