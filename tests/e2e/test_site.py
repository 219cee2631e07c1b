"""The documentation site in a browser: read and searched without a word to anybody else."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.waiting import PATIENCE_SECONDS

from .conftest import SIZE, Tab

PATIENCE_MS = PATIENCE_SECONDS * 1000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Leave the terminal to the tests."""


@pytest.fixture
def address(site):
    handler = partial(Quiet, directory=site.folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["light", "dark"])
def reader(request, browser, address):
    with browser.new_context(viewport=SIZE, color_scheme=request.param) as context:
        reader = Tab(context.new_page(), address)
        reader.open("/index.html", wait_until="networkidle")
        yield reader
        reader.screenshot(f"site-{request.param}")
        assert not reader.complaints
        assert [url for url in reader.requested if not url.startswith((address, "data:"))] == []


def test_two_clicks_lead_to_what_happens_when_a_key_leaks(reader):
    reader.page.get_by_role("article").get_by_role("link", name="A signing key leaked").click()

    expect(reader.page.get_by_role("heading", name="A signing key leaked")).to_be_in_viewport()


def test_it_can_be_searched(reader):
    # What is typed before the index has been read is not looked for.
    said = reader.page.locator(".md-search-result__meta")
    expect(said).to_have_text("Type to start searching", timeout=PATIENCE_MS)
    # Key by key: the search listens to keys.
    reader.page.get_by_role("textbox", name="Search").press_sequentially("log out everywhere")

    first = reader.page.locator(".md-search-result__link").first
    expect(first).to_have_attribute("href", re.compile(r"/tutorial\.html"), timeout=PATIENCE_MS)
