"""Serves the built application on loopback, and tells it where its API is.

It is files and one `config.json`: nothing here knows users or tokens.
"""

import json
import sys
import threading
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"
BUILT = Path(__file__).resolve().parent.parent / "dist"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self' {api}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
# Vite puts the hash of their content into these names.
IMMUTABLE = "/assets/"


class Application:
    """The application on a port of its own, hence an origin other than its API's.

    The port (0: any free one) is taken at once and answers from `serve` on, until `close`. Raises
    `OSError` when it cannot be taken.
    """

    def __init__(self, port: int) -> None:
        self._server = _Server((HOST, port), partial(_Handler, directory=BUILT))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.origin = f"http://{HOST}:{self._server.server_port}"

    def serve(self, *, uri: str, mode: str) -> None:
        """Answer in a thread; `uri` is the API's, `mode` is how tokens travel to it."""
        api = urlsplit(uri)
        self._server.origin = self.origin
        self._server.policy = POLICY.format(api=f"{api.scheme}://{api.netloc}")
        self._server.config = json.dumps({"uri": uri, "mode": mode}).encode()
        self._thread.start()

    def close(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    origin: str
    policy: str
    config: bytes

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Browsers open connections ahead of need and drop them.
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(SimpleHTTPRequestHandler):
    # Seconds an idle connection may keep its thread.
    timeout = 30
    server: _Server
    # There is none where the request has no first line, as of a browser that tries HTTPS.
    path = ""
    # Not left to the machine's own list of types, which may lack one.
    extensions_map = {  # noqa: RUF012
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        "": "application/octet-stream",
    }

    def do_GET(self) -> None:
        if self.headers["Host"] != urlsplit(self.server.origin).netloc:
            # Opened as `localhost`, it would be an origin the API does not know.
            self.send_response(HTTPStatus.TEMPORARY_REDIRECT)
            self.send_header("Location", f"{self.server.origin}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/config.json":
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(self.server.config)))
            self.end_headers()
            self.wfile.write(self.server.config)
        else:
            super().do_GET()

    def end_headers(self) -> None:
        is_immutable = self.path.startswith(IMMUTABLE)
        self.send_header(
            "Cache-Control", "max-age=31536000, immutable" if is_immutable else "no-cache"
        )
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the terminal belongs to the API's log."""
