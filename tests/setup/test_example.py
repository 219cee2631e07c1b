"""`make example`: the API and an application on another origin, started and stopped together."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import pytest

from .conftest import ROOT

SERVER = [sys.executable, "-m", "web.example.server"]
PATIENCE_SECONDS = 60
ANY_PORT = ("127.0.0.1", 0)


@pytest.fixture
def environ(tmp_path):
    """What `make example` starts with, and a database of its own."""
    ours = {"DJANGO_SETTINGS_MODULE", "DJANGO_SECRET_KEY", "HTTPS", "CORS_ALLOWED_ORIGINS"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    database = f"sqlite:///{tmp_path / 'served.sqlite3'}"
    return kept | {"DJANGO_DEBUG": "true", "DATABASE_URL": database}


class Ports:
    """Two ports nobody listens on, for the API and the application."""

    def __init__(self):
        with socket.create_server(ANY_PORT) as one, socket.create_server(ANY_PORT) as other:
            self.api, self.app = one.getsockname()[1], other.getsockname()[1]

    @property
    def arguments(self):
        return ["--port", str(self.api), "--port-app", str(self.app)]

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.app}"

    @property
    def uri(self):
        return f"http://127.0.0.1:{self.api}/graphql"

    def are_free(self):
        for port in (self.api, self.app):
            try:
                socket.create_server(("127.0.0.1", port)).close()
            except OSError:
                return False
        return True


@pytest.fixture
def ports():
    return Ports()


def ended(environ, *arguments):
    """Run the command until it ends by itself."""
    return subprocess.run(
        [*SERVER, *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def refusal(environ, *arguments):
    """Return the sentence with which the command refuses to start."""
    done = ended(environ, *arguments)
    assert done.returncode == 1
    [sentence] = done.stderr.strip().splitlines()
    return sentence


@contextmanager
def running(environ, *arguments):
    """Start both; give the process, and what it printed until both answer."""
    example = subprocess.Popen(
        [*SERVER, *arguments],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with example:
        try:
            printed = []
            while not (printed and printed[-1].startswith("The example is at")):
                line = example.stdout.readline()
                assert line, example.stderr.read()
                printed.append(line.rstrip())
            yield example, printed
        finally:
            example.terminate()


def ask(port, path, *, method="GET", **headers):
    """Return status, headers and body of the answer to a request without redirects."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def wait_until(look):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def api_of(example):
    """Return the process id of the API."""
    return int(subprocess.check_output(["pgrep", "--parent", str(example.pid)]))


def test_both_addresses_and_whom_to_sign_in_as_are_printed(environ, ports):
    with running(environ, *ports.arguments) as (_, printed):
        assert any(ports.uri in line for line in printed)
        assert ports.origin in printed[-1]
        assert "Sign in as demo with the password demo" in printed[-1]


@pytest.mark.parametrize("mode", ["header", "cookie"])
def test_the_application_is_told_its_api_and_the_api_its_application(environ, ports, mode):
    environ["CORS_ALLOWED_ORIGINS"] = "https://another.example"
    # What a browser asks before it lets the application ask.
    preflight = {"Origin": ports.origin, "Access-Control-Request-Method": "POST"}
    with running(environ, *ports.arguments, "--mode", mode):
        _, _, config = ask(ports.app, "/config.json")
        _, page, _ = ask(ports.app, "/")
        _, api, _ = ask(ports.api, "/graphql", method="OPTIONS", **preflight)

    assert json.loads(config) == {"uri": ports.uri, "mode": mode}
    assert f"connect-src 'self' http://127.0.0.1:{ports.api};" in page["Content-Security-Policy"]
    assert api["Access-Control-Allow-Origin"] == ports.origin
    assert api["Access-Control-Allow-Credentials"] == "true"


def test_opened_as_localhost_it_leads_to_the_origin_the_api_knows(environ, ports):
    with running(environ, *ports.arguments):
        status, headers, _ = ask(ports.app, "/", Host=f"localhost:{ports.app}")

    assert (status, headers["Location"]) == (307, f"{ports.origin}/")


def test_nothing_beside_the_application_can_be_fetched(environ, ports):
    paths = ["/../package.json", "/%2e%2e/package.json", "/assets/", "/src/main.tsx"]
    with running(environ, *ports.arguments):
        assert {ask(ports.app, path)[0] for path in paths} == {404}


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_both_without_a_word(environ, ports, stop):
    with running(environ, *ports.arguments) as (example, _):
        example.send_signal(stop)

        assert example.wait(timeout=PATIENCE_SECONDS) == 0
        assert example.stderr.read() == ""
    assert ports.are_free()


def test_ctrl_c_before_the_api_answers_stops_both(environ, ports):
    example = subprocess.Popen(
        [*SERVER, *ports.arguments], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    with example:
        assert "Preparing" in example.stdout.readline()
        example.send_signal(signal.SIGINT)

        assert example.wait(timeout=PATIENCE_SECONDS) == 0
    assert ports.are_free()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a killed parent")
def test_killing_the_command_stops_the_api_too(environ, ports):
    with running(environ, *ports.arguments) as (example, _):
        example.kill()

        wait_until(ports.are_free)


def test_an_api_that_dies_takes_the_application_along_and_one_is_told(environ, ports):
    with running(environ, *ports.arguments) as (example, _):
        os.kill(api_of(example), signal.SIGKILL)

        assert example.wait(timeout=PATIENCE_SECONDS) == 1
        # Its workers, too: one that lives on would keep us reading for ever.
        wait_until(ports.are_free)
        [sentence] = example.stderr.read().strip().splitlines()
    assert "The API has ended (killed by SIGKILL)" in sentence
    assert "the application was stopped" in sentence


def test_an_api_that_cannot_start_is_told_with_its_own_sentence(environ, ports, tmp_path):
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}/missing/db.sqlite3"
    done = ended(environ, *ports.arguments)

    [cause, consequence] = done.stderr.strip().splitlines()
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "Check DATABASE_URL" in cause
    assert "The API has ended (exit status 1)" in consequence
    assert ports.are_free()


@pytest.mark.parametrize(("name", "option"), [("PORT", "api"), ("PORT_APP", "app")])
def test_a_taken_port_is_named_before_anything_starts(environ, ports, name, option):
    port = getattr(ports, option)
    with socket.create_server(("127.0.0.1", port)):
        sentence = refusal(environ, *ports.arguments)

    assert f"Port {port} on 127.0.0.1 cannot be used (Address already in use)." in sentence
    assert f"make example {name}={port + 1}" in sentence
    assert ports.are_free()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mode", "query"], "MODE must be header or cookie"),
        (["--port", "http"], "PORT must be a whole number"),
        (["--port-app", "0"], "PORT_APP must be a whole number"),
    ],
)
def test_a_choice_that_makes_no_sense_is_named(environ, ports, arguments, words):
    assert words in refusal(environ, *ports.arguments, *arguments)
