"""Load by wrk against small servers of known behaviour."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from types import SimpleNamespace

from benchmarks.over_http.served import Served
from benchmarks.over_http.tasks import SIGN_IN, TASKS, Task, Use
from benchmarks.over_http.wrk import Aim, load
from benchmarks.tokens import Tokens
from tests.waiting import PATIENCE_SECONDS

from .over_http import WORK, needs_wrk

pytestmark = needs_wrk

QUERY = Task("me", Use.KEPT, WORK)
EXPECTED = json.dumps({"data": WORK.expected})
RIGHT = EXPECTED.encode()


@contextmanager
def serving(answer):
    """Serve what `answer(number)` returns to the nth request; yield its URL and what was sent.

    For nothing, hang up.
    """
    requests, numbers = [], count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one piece: between two, the other side would wait for more.
        wbufsize = -1

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
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/graphql", requests
        server.shutdown()
        thread.join()


def load_on(url, *tokens, task=QUERY, expected=EXPECTED, requests=100):
    served = SimpleNamespace(
        url=url,
        headers=lambda token: Served.headers(SimpleNamespace(scheme="JWT"), token),
        sign_in_body=lambda: b"{}",
        refresh_query="mutation",
        logout_query="mutation",
    )
    pairs = [Tokens(token, f"{token}-refresh") for token in tokens]
    aim = Aim(served, task, expected)
    return load(aim, pairs, connections=2, seconds=PATIENCE_SECONDS, requests=requests)


def bringing(number):
    return 200, f'{{"token": "{text_of(number)}"}}'.encode()


def text_of(number):
    return f"eyJ.{number}.signature"


BROUGHT = '{"token": "<token>"}'


def test_a_client_posts_the_work_with_its_tokens_in_turns():
    with serving(lambda _: (200, RIGHT)) as (url, requests):
        load_on(url, "one", "two")
    bodies, headers = zip(*requests, strict=True)
    assert set(bodies) == {WORK.body}
    assert [sent["Authorization"] for sent in headers].count("JWT one") == 50
    assert {sent["Authorization"] for sent in headers} == {"JWT one", "JWT two"}
    assert {sent["Content-Type"] for sent in headers} == {"application/json"}
    assert {sent["Host"] for sent in headers} == {url.split("/")[2]}


def test_right_answers_are_counted_and_timed():
    with serving(lambda _: (200, RIGHT)) as (url, requests):
        seen, _ = load_on(url, "one")
    assert (seen.wrong, seen.broken, seen.sample) == (0, 0, "")
    assert seen.requests == len(requests) == 100
    assert 0 < seen.p50 <= seen.p99
    assert 0 < seen.seconds < PATIENCE_SECONDS
    assert seen.cpu_seconds > 0


def test_without_a_number_of_requests_the_time_ends_the_load():
    with serving(lambda _: (200, RIGHT)) as (url, requests):
        aim = Aim(SimpleNamespace(url=url, headers=lambda _: {}), QUERY, EXPECTED)
        seen, _ = load(aim, [Tokens("one", "one")], connections=2, seconds=1)
    # At its end, wrk leaves some requests unanswered.
    assert 0 < seen.requests <= len(requests)
    assert seen.seconds >= 1


def test_every_answer_that_is_not_the_right_one_is_counted():
    refusal = b'{"data": {"me": null}, "errors": [{"message": "\\"no\\""}]}'
    with serving(lambda number: (200, refusal if number % 10 == 0 else RIGHT)) as (url, _):
        seen, _ = load_on(url, "one")
    assert (seen.wrong, seen.requests) == (10, 100)
    assert seen.sample == f"200 {refusal.decode()}"


def test_the_right_body_with_another_status_is_wrong():
    with serving(lambda _: (201, RIGHT)) as (url, _):
        seen, _ = load_on(url, "one")
    assert seen.wrong == seen.requests == 100


def test_requests_that_are_never_answered_are_counted():
    with serving(lambda number: (200, RIGHT) if number % 10 else None) as (url, _):
        aim = Aim(SimpleNamespace(url=url, headers=lambda _: {}), QUERY, EXPECTED)
        seen, _ = load(aim, [Tokens("one", "one")], connections=2, seconds=1)
    assert seen.wrong == 0
    assert seen.broken > 0


def test_tokens_are_brought_by_sign_ins_and_left_out_of_what_is_compared():
    with serving(bringing) as (url, requests):
        seen, brought = load_on(url, task=SIGN_IN, expected=BROUGHT, requests=20)
    assert (seen.requests, seen.wrong) == (20, 0)
    assert {pair.access for pair in brought} == {text_of(number) for number in range(20)}
    assert all("Authorization" not in sent for _, sent in requests)


def test_a_refresh_sends_what_the_answer_to_another_brought_and_nothing_twice():
    with serving(bringing) as (url, requests):
        seen, brought = load_on(url, "a", "b", task=TASKS["refresh"], expected=BROUGHT, requests=20)
    assert (seen.requests, seen.wrong) == (20, 0)
    sent = [json.loads(body)["variables"]["token"] for body, _ in requests]
    assert len(set(sent)) == 20
    assert set(sent) <= {"a-refresh", "b-refresh"} | {pair.refresh for pair in brought}


def test_a_logout_sends_each_token_once_and_ends_with_the_last():
    tokens = [f"t{number}" for number in range(30)]
    with serving(lambda _: (200, RIGHT)) as (url, requests):
        seen, _ = load_on(url, *tokens, task=TASKS["logout"], requests=None)
    assert seen.requests == 30
    assert seen.seconds < PATIENCE_SECONDS
    assert sorted(sent["Authorization"] for _, sent in requests) == sorted(
        f"JWT {token}" for token in tokens
    )
