"""An HTTP client for the endpoint of `tests.api.endpoint`."""

import json
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

STRICT = "application/graphql-response+json"
LEGACY = "application/json"


class Http:
    """Speaks GraphQL over HTTP in this process; whatever is not given is what browsers send."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def post(self, body: Any, *, content_type: str = LEGACY, **headers: str) -> Any:
        """POST `body`, as JSON unless it is text or bytes."""
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post("/graphql", data, content_type=content_type, headers=headers)

    def get(self, **parameters: str) -> Any:
        return self.client.get("/graphql", parameters)

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the parsed answer to a query."""
        return self.post({"query": query, "variables": variables}).json()

    def error(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the only error in the answer to a query."""
        [error] = self.ask(query, **variables)["errors"]
        return error

    def extensions(self, query: str, **variables: Any) -> dict[str, Any]:
        return self.error(query, **variables)["extensions"]


@pytest.fixture
def http(settings) -> Http:
    settings.ROOT_URLCONF = "tests.api.endpoint"
    return Http()


@pytest.fixture
def _keeping_connections():
    """Let an application be asked directly: Django's client does the same for its own requests."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)
