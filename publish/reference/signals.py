"""The signals, with the comments that say what each carries."""

import re
from pathlib import Path

from revocation import signals

from .markdown import code, table

TITLE = "Signals"
LEAD = (
    "What receivers may listen to, in `revocation.signals`; each is sent once the write that it "
    "tells of is committed."
)
SOURCE = Path(__file__).resolve().parents[2] / "revocation" / "signals.py"
_SIGNAL = re.compile(r"((?:^#.*\n)+)(\w+) = Signal\(\)", re.MULTILINE)


def page() -> str:
    rows = map(_row, _SIGNAL.findall(SOURCE.read_text()))
    about = (signals.__doc__ or "").strip()
    return f"{about}\n\n{table(('signal', 'carries', 'sent when'), rows)}"


def _row(found: tuple[str, str]) -> tuple[str, str, str]:
    comment = " ".join(line.lstrip("# ") for line in found[0].splitlines())
    carries, _, when = comment.partition(": ")
    return code(found[1]), carries, when
