"""A real browser in front of real workers."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.live import ROOT, LiveServer, create_template

# The pictures of docs/images are made by SCREENSHOTS=docs/images.
SCREENSHOTS = ROOT / os.environ.get("SCREENSHOTS", "test-results")
SIZE = {"width": 1280, "height": 720}
# Background services of the browser would call home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@dataclass
class Tab:
    """A page, and everything it asked for or complained about."""

    page: Page
    base: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/", *, wait_until: str = "load") -> None:
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)
        self.page.goto(f"{self.base}{path}", wait_until=wait_until)

    def open_graphiql(self) -> None:
        # The editor comes in parts; a press of the button before the last does nothing.
        self.open("/graphql", wait_until="networkidle")

    def _listen(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def screenshot(self, name: str) -> Path:
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A database with users, to be copied."""
    return create_template(tmp_path_factory.mktemp("e2e"))


@pytest.fixture(scope="session")
def server(template):
    with LiveServer(template, workers=2, GRAPHIQL="true") as server:
        yield server


@pytest.fixture(scope="session")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "Install Chromium, or set CHROMIUM to the path of one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def tab(request, browser, server):
    with browser.new_context(viewport=SIZE, color_scheme=request.param) as context:
        tab = Tab(context.new_page(), f"http://127.0.0.1:{server.port}")
        tab.open_graphiql()
        yield tab
