"""How the pages of the reference are written."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; what would end a cell is escaped."""
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: object) -> str:
    return f"`{text}`"


def told_in(word: str) -> str:
    """Return links to the pages that tell of this word, in backticks or as a key in an example."""
    named = re.compile(rf'`(?:[^`\n]*\W)?{word}(?:\W[^`\n]*)?`|"{word}"')
    pages = [page for page in sorted(DOCS.glob("*.md")) if named.search(page.read_text())]
    return ", ".join(f"[{title(page)}](../{page.name})" for page in pages)


def title(page: Path) -> str:
    """Return the heading of a page."""
    return page.read_text().partition("\n")[0].removeprefix("# ")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
