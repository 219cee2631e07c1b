"""`manage.py serve`: a real server, and a sentence where there cannot be one."""

import json
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing, contextmanager

import pytest

from .conftest import ROOT


@pytest.fixture
def environ(tmp_path):
    """What `make run` starts the server with, and a database of its own."""
    ours = {"DJANGO_SETTINGS_MODULE", "DJANGO_SECRET_KEY", "PORT", "WORKERS", "HTTPS"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    database = f"sqlite:///{tmp_path / 'served.sqlite3'}"
    return kept | {"DJANGO_DEBUG": "true", "DATABASE_URL": database}


def command(*arguments):
    return [sys.executable, ROOT / "manage.py", "serve", *arguments]


def refusal(environ, *arguments):
    """Return the sentence with which `serve` refuses to start."""
    done = subprocess.run(
        command(*arguments), env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    [sentence] = done.stderr.strip().splitlines()
    return sentence


@contextmanager
def serving(environ, *arguments):
    """Serve on a free port; give the process and what it printed before serving."""
    server = subprocess.Popen(
        command("--prepare", "--port", "0", *arguments),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with server:
        try:
            printed = []
            while not (printed and printed[-1].startswith("curl ")):
                line = server.stdout.readline()
                assert line, server.stderr.read()
                printed.append(line.rstrip())
            yield server, printed
        finally:
            server.terminate()


def send_as_curl(line):
    """Send what the printed curl command would send, once the server answers."""
    words = shlex.split(line)
    [url] = [word for word in words if word.startswith("http")]
    name, value = words[words.index("-H") + 1].split(": ")
    body = words[words.index("-d") + 1].encode()
    wait_for_listener(url)
    request = urllib.request.Request(url, data=body, headers={name: value})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return json.load(response)


def wait_for_listener(url):
    port = int(re.search(r":(\d+)/", url)[1])
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=30).close()
        except ConnectionRefusedError:
            continue


def test_the_printed_command_signs_in(environ):
    with serving(environ) as (_, printed):
        answer = send_as_curl(printed[-1])

    assert "Created the user demo with the password demo." in printed
    assert set(answer["data"]["tokenAuth"]) == {"token", "refreshToken"}


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_without_a_word(environ, stop):
    with serving(environ) as (server, printed):
        send_as_curl(printed[-1])

        server.send_signal(stop)

        assert server.wait(timeout=30) == 0
        lines = server.stderr.read().splitlines()

    assert [line for line in lines if " revocation.audit " not in line] == []


def test_a_second_start_keeps_the_users(environ):
    with serving(environ):
        pass
    with serving(environ) as (_, printed):
        answer = send_as_curl(printed[-1])

    assert not [line for line in printed if "Created" in line]
    assert answer["data"]["tokenAuth"]["token"]


def test_a_port_that_another_server_holds_is_refused(environ):
    # granian alone would join it, and the two would answer in turn.
    with serving(environ) as (_, printed):
        port = re.search(r":(\d+)/graphql", printed[-1])[1]

        assert f"Port {port} on 127.0.0.1 cannot be used" in refusal(environ, "--port", port)


def test_a_port_that_anything_else_holds_is_refused(environ):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        sentence = refusal(environ, "--prepare", "--port", port)

    assert "choose another: make run PORT=" in sentence


def test_a_database_that_cannot_be_opened_is_named(environ, tmp_path):
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}/missing/db.sqlite3"

    sentence = refusal(environ, "--prepare", "--port", "0")

    assert f"{tmp_path}/missing/db.sqlite3" in sentence
    assert "Check DATABASE_URL" in sentence


def test_the_development_secret_is_refused_outside_development(environ):
    environ["DJANGO_DEBUG"] = "false"

    assert "DJANGO_SECRET_KEY" in refusal(environ, "--port", "0")


@pytest.mark.parametrize(
    ("name", "value"), [("WORKERS", "0"), ("WORKERS", "two"), ("PORT", "http"), ("PORT", "65536")]
)
def test_a_setting_that_is_no_sensible_number_is_named(environ, name, value):
    environ[name] = value

    assert f"{name} must be a whole number" in refusal(environ)


def test_outside_development_no_demo_user_is_offered(environ):
    environ |= {"DJANGO_DEBUG": "false", "DJANGO_SECRET_KEY": 64 * "s", "HTTPS": "false"}

    with serving(environ) as (_, printed):
        assert "No demo user outside development" in "".join(printed)
        assert "YOUR_NAME" in printed[-1]
        assert "demo" not in printed[-1]


def test_a_demo_user_with_another_password_is_not_offered(environ, tmp_path):
    with serving(environ):
        pass
    with closing(sqlite3.connect(tmp_path / "served.sqlite3")) as database, database:
        database.execute("UPDATE auth_user SET password = 'another'")

    with serving(environ) as (_, printed):
        assert "YOUR_NAME" in printed[-1]
