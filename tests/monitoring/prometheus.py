"""A Prometheus of this machine's own, reading the metrics of one server."""

import json
import shutil
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.servers.process import Server

PROGRAM, TOOL = shutil.which("prometheus"), shutil.which("promtool")
MONITORING = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
ALERTS, DASHBOARD = MONITORING / "alerts.yml", MONITORING / "dashboard.json"

# As docs/monitoring.md says, but that nobody waits for a quarter of a minute.
CONFIGURATION = """
global: {{ scrape_interval: 250ms, evaluation_interval: 250ms }}
rule_files: [{alerts}]
scrape_configs:
  - job_name: api
    authorization: {{ credentials_file: token }}
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
"""


class Prometheus(Server):
    def __init__(self, *, port: int, token: str) -> None:
        super().__init__()
        self._read_port = port
        self._token = token

    def prepare(self) -> None:
        configuration = CONFIGURATION.format(alerts=ALERTS, port=self._read_port)
        (self.folder / "prometheus.yml").write_text(configuration)
        (self.folder / "token").write_text(self._token)

    def command(self) -> list[str]:
        assert PROGRAM is not None
        listening = f"--web.listen-address=127.0.0.1:{self.port}"
        files = ("--config.file=prometheus.yml", "--storage.tsdb.path=data")
        return [PROGRAM, *files, listening, "--log.level=warn"]

    def is_answering(self) -> bool:
        """Whether it has read the metrics at least once."""
        try:
            return bool(self.query("up == 1"))
        except (OSError, HTTPException, ValueError):
            return False

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series that an expression comes to now."""
        return self.ask("query", query=expression)["result"]

    def query_range(self, expression: str, **between: float) -> list[dict[str, Any]]:
        """Return the series that it came to: `start`, `end` and `step` are in seconds."""
        return self.ask("query_range", query=expression, **between)["result"]

    def rules(self) -> dict[str, dict[str, Any]]:
        """Return the rules by name, with what became of them."""
        groups = self.ask("rules")["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}

    def ask(self, what: str, **parameters: Any) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"/api/v1/{what}?{urlencode(parameters)}")
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert answer["status"] == "success", answer
        return answer["data"]


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard, their queries as Grafana would send them."""
    found = json.loads(DASHBOARD.read_text())["panels"]
    for panel in found:
        for target in panel["targets"]:
            target["expr"] = target["expr"].replace("$job", "api").replace("$__rate_interval", "5s")
    return found
