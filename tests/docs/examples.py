"""The examples of the documentation, as they are printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROOT = DOCS.parent
# What the site is made of, and what a code host shows beside it.
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("web/*/*.md"))]
_SAMPLE = re.compile(
    r"^(?P<margin> *)```(?P<language>\S*)\n(?P<text>.*?)^(?P=margin)```$", re.DOTALL | re.MULTILINE
)


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@dataclass(frozen=True)
class Sample:
    """One fenced block of a page: its language, its text without the margin, and its line."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{page_name(self.page)}:{self.line}"


def samples(page: Path) -> Iterator[Sample]:
    """Yield every block of a page, in a list or not."""
    text = page.read_text()
    for found in _SAMPLE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Sample(page, line, found["language"], dedent(found["text"]))


def section(page: str, heading: str) -> str:
    """Return what stands under a heading."""
    text = (DOCS / page).read_text()
    _, found, below = text.partition(f"\n## {heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    return below.partition("\n## ")[0]


def examples(page: str, heading: str, *, language: str = "python") -> list[str]:
    """Return the code of a language under a heading, a text for each block."""
    blocks = _SAMPLE.finditer(section(page, heading))
    return [dedent(block["text"]) for block in blocks if block["language"] == language]


def run(source: str, **given: Any) -> dict[str, Any]:
    """Run an example where `given` is defined, and return what it defines."""
    names = dict(given, __name__="example")
    exec(compile(source, "example", "exec"), names)  # noqa: S102
    return names
