"""The examples of the documentation, as they are printed."""

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"


def examples(page: str, heading: str) -> list[str]:
    """Return the Python under a heading, a text for each block."""
    text = (DOCS / page).read_text()
    _, found, below = text.partition(f"\n## {heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    section = below.partition("\n## ")[0]
    return re.findall(r"^```python\n(.+?)^```", section, re.DOTALL | re.MULTILINE)


def run(source: str, **given: Any) -> dict[str, Any]:
    """Run an example where `given` is defined, and return what it defines."""
    names = dict(given, __name__="example")
    exec(compile(source, "example", "exec"), names)  # noqa: S102
    return names
