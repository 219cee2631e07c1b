"""Apollo Server, which the benchmarks over HTTP measure beside ours."""

import node
from steps import ROOT


def install() -> None:
    """Install exactly what its lock names, unless it is installed already."""
    node.install(ROOT / "benchmarks" / "over_http" / "apollo_server", stamp_name="apollo")
