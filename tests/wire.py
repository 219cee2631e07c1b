"""HTTP over a real connection, for `tests.client.GraphQLClient`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from tests.waiting import PATIENCE_SECONDS

JSON = "application/json"


@dataclass(frozen=True)
class Response:
    """As much of Django's response as `GraphQLClient` asks for; can be sent between processes."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise AssertionError((self.status_code, self.content)) from error


class Http:
    """Speaks HTTP over one connection, kept alive or not; for one thread alone.

    A request is sent once. Whatever breaks before its answer is complete raises `OSError` or
    `http.client.HTTPException`.
    """

    def __init__(self, port: int, *, keep_alive: bool = True) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._keep_alive = keep_alive

    def post(
        self, path: str, body: Any, *, content_type: str, headers: Mapping[str, str]
    ) -> Response:
        data = json.dumps(body).encode()
        return self.send("POST", path, data, {**headers, "Content-Type": content_type})

    def get(
        self, path: str, parameters: Mapping[str, str], *, headers: Mapping[str, str]
    ) -> Response:
        return self.send("GET", f"{path}?{urlencode(parameters)}", None, headers)

    def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        """Send whatever it is."""
        is_answered = False
        try:
            self._connection.request(method, path, body, headers)
            with self._connection.getresponse() as response:
                answer = Response(response.status, response.headers, response.read())
            is_answered = True
            return answer
        finally:
            if not (self._keep_alive and is_answered):
                self._connection.close()

    def post_unheard(self, path: str, body: Any) -> None:
        """Send a request whose answer nobody reads: close the connection, once it was served."""
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": JSON})

    def close(self) -> None:
        self._connection.close()
