"""Builds the documentation site, for tests."""

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.docs.examples import ROOT
from tests.publish.html import Page


@dataclass(frozen=True)
class Site:
    """A built site, and the pages it was made of."""

    folder: Path
    assembled: Path
    printed: str

    @cached_property
    def pages(self) -> dict[Path, Page]:
        found = sorted(self.folder.rglob("*.html"))
        # The page for addresses that are not there is found by the server, at any depth.
        return {path: Page(path) for path in found if path.name != "404.html"}

    def page(self, name: str) -> Page:
        return self.pages[self.folder / name]


def build(folder: Path) -> Site:
    """Build it in this folder, as `make docs` does."""
    done = subprocess.run(
        [sys.executable, "-m", "publish.site", str(folder)],
        cwd=ROOT,
        # As whoever runs it has it, not as these tests are run.
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "api.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Site(folder / "site", folder / "docs", done.stdout + done.stderr)
