"""Live servers; tests that only ask share them, and each finds one as it was in the beginning."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.live import LiveServer, create_template

FRONT_END = "https://app.example.com"


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A database with every table and some users."""
    return create_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def _two_workers(template):
    with LiveServer(template, workers=2) as server:
        yield server


@pytest.fixture(scope="session")
def _four_workers(template):
    with LiveServer(template, workers=4) as server:
        yield server


@pytest.fixture(scope="session")
def _cookie_workers(template):
    options = {"JWT_COOKIE_MODE": "true", "CORS_ALLOWED_ORIGINS": FRONT_END}
    with LiveServer(template, workers=2, **options) as server:
        yield server


@pytest.fixture
def server(_two_workers, request):
    """A server with two workers, shared: it may be restarted, and must not be killed."""
    yield from lend(_two_workers, request)


@pytest.fixture
def wide_server(_four_workers, request):
    """The same with four workers."""
    yield from lend(_four_workers, request)


@pytest.fixture
def cookie_server(_cookie_workers, request):
    """A server in cookie mode, whose answers the pages of `FRONT_END` may read."""
    yield from lend(_cookie_workers, request)


@pytest.fixture
def serve(template, request):
    """Start a server for one test alone, which may do with it what it likes."""
    with ExitStack() as servers:

        def start(**options):
            server = servers.enter_context(LiveServer(template, **options))
            servers.callback(lambda: show_log(server.log(), request))
            return server

        yield start


def lend(server: LiveServer, request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    server.reset()
    before = len(server.log())
    yield server
    show_log(server.log()[before:], request)


def show_log(text: str, request: pytest.FixtureRequest) -> None:
    """Let pytest show this should the test have failed."""
    request.node.add_report_section("teardown", "server log", text)
