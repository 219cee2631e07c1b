"""Requests and answers of a WSGI application, as a server would pass them (PEP 3333)."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# What Apollo Client 4 sends.
ACCEPT = "application/graphql-response+json,application/json;q=0.9"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, or nothing where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def at(self, *path: str) -> Any:
        """Return what stands there in the body; None where there is no such place."""
        found = self.json
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found


def post(path: str, body: bytes, *, authorization: str = "") -> Environ:
    """Return a POST of JSON that arrived by HTTPS. An environ serves one request only."""
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": ACCEPT,
        "HTTP_USER_AGENT": "benchmark",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    return environ | ({"HTTP_AUTHORIZATION": authorization} if authorization else {})


def send(application: Application, environ: Environ) -> tuple[str, list[Any], bytes]:
    """Serve one request to its end and return status line, headers and body.

    Closing the answer is part of it: that is when Django ends the request.
    """
    started: list[Any] = []
    answer = application(environ, lambda status, headers, _=None: started.extend((status, headers)))
    try:
        body = b"".join(answer)
    finally:
        answer.close()  # type: ignore[attr-defined]
    return started[0], started[1], body


def ask(application: Application, environ: Environ) -> Answer:
    """Serve one request and return the answer in a form to look into."""
    return answer_of(*send(application, environ))


def answer_of(status: str, headers: list[Any], body: bytes) -> Answer:
    """Return what was sent in a form to look into."""
    return Answer(int(status[:3]), dict(headers), body)
