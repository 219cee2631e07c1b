"""Who stands between a service and the API: sees every request, and may answer in its place."""

from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.waiting import PATIENCE_SECONDS


class Between:
    """Passes requests on to a port of this machine; `port` is its own.

    `instead` is given the path and what the API answered, and returns what to answer.
    """

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.to = 0
        self.instead: Callable[[str, bytes], bytes | None] = lambda path, body: body
        between = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                between.paths.append(self.path)
                status, kind, body = between._ask(self.path)
                told = between.instead(self.path, body)
                self.send_response(status if told is not None else 502)
                self.send_header("Content-Type", kind)
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(told or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> "Between":
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _ask(self, path: str) -> tuple[int, str, bytes]:
        connection = HTTPConnection("127.0.0.1", self.to, timeout=PATIENCE_SECONDS)
        connection.request("GET", path)
        with connection.getresponse() as answer:
            body = answer.read()
        connection.close()
        return answer.status, answer.headers["Content-Type"], body
