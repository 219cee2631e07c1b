"""Measure servers over HTTP, side by side: throughput and latency, memory, and what they keep.

wrk runs on the machine whose cores the servers share, so what it costs is shown beside them.
Nothing depends on the figures but the verdicts on the targets; it is an error when a server does
not do what it says, or answers a single request wrongly under load.
"""

import sys
from collections.abc import Sequence

from . import options, results, table
from .run import complaint, run


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, run, print, and leave with 1 if a request was answered wrongly."""
    chosen = options.read(arguments)
    findings = run(chosen)
    for verdict in findings.targets:
        print(table.render_verdict(verdict))
    if chosen.json:
        chosen.json.write_text(results.as_json(findings))
    sys.exit(complaint(findings))


if __name__ == "__main__":
    main()
