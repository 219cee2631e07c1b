"""Load by wrk against small servers of known behaviour."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from types import SimpleNamespace

from benchmarks.over_http.served import Served
from benchmarks.over_http.wrk import Aim, load

from .over_http import WORK, needs_wrk

pytestmark = needs_wrk

RIGHT = json.dumps({"data": WORK.expected}).encode()


@contextmanager
def serving(answer):
    """Serve what `answer(number)` returns to the nth request; yield its URL and what was sent.

    For nothing, hang up.
    """
    requests, numbers = [], count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((body, dict(self.headers)))
            if (answered := answer(next(numbers))) is None:
                self.close_connection = True
                return
            status, content = answered
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/graphql", requests
        server.shutdown()
        thread.join()


def load_on(url, *tokens):
    served = SimpleNamespace(
        url=url, headers=lambda token: Served.headers(SimpleNamespace(scheme="JWT"), token)
    )
    return load(Aim(served, WORK, list(tokens), RIGHT), connections=2, seconds=1)


def test_a_client_posts_the_work_with_its_tokens_in_turns():
    with serving(lambda _: (200, RIGHT)) as (url, requests):
        load_on(url, "one", "two")
    bodies, headers = zip(*requests, strict=True)
    assert set(bodies) == {WORK.body}
    assert {sent["Authorization"] for sent in headers} == {"JWT one", "JWT two"}
    assert {sent["Content-Type"] for sent in headers} == {"application/json"}
    assert {sent["Host"] for sent in headers} == {url.split("/")[2]}


def test_right_answers_are_counted_and_timed():
    with serving(lambda _: (200, RIGHT)) as (url, requests):
        seen = load_on(url, "one")
    assert (seen.wrong, seen.broken, seen.sample) == (0, 0, "")
    # At its end, wrk leaves some requests unanswered.
    assert 0 < seen.requests <= len(requests)
    assert 0 < seen.p50 <= seen.p99
    assert seen.seconds > 0
    assert seen.cpu_seconds > 0


def test_every_answer_that_is_not_the_right_one_is_counted():
    refusal = b'{"data": {"me": null}, "errors": [{"message": "\\"no\\""}]}'
    with serving(lambda number: (200, refusal if number % 10 == 0 else RIGHT)) as (url, _):
        seen = load_on(url, "one")
    assert 0 < seen.wrong <= seen.requests / 10 + 1
    assert seen.sample == f"200 {refusal.decode()}"


def test_the_right_body_with_another_status_is_wrong():
    with serving(lambda _: (201, RIGHT)) as (url, _):
        seen = load_on(url, "one")
    assert seen.wrong == seen.requests > 0


def test_requests_that_are_never_answered_are_counted():
    with serving(lambda number: (200, RIGHT) if number % 10 else None) as (url, _):
        seen = load_on(url, "one")
    assert seen.wrong == 0
    assert seen.broken > 0
