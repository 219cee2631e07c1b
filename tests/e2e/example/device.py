"""The example application in the hands of a person: browsers, tabs, and what is done in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Request, expect

from tests.client import PASSWORD
from tests.e2e.conftest import Tab

# Clicks at a moment all tabs agree on: one after the other, the second would find it done.
CLICK_AT = """(button, moment) => new Promise(done =>
    setTimeout(() => done(button.click()), moment - Date.now()))"""
# Lies in the window for Apollo's browser extension.
CACHED = "() => JSON.stringify(globalThis.__APOLLO_CLIENT__.extract())"
STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Window:
    """One tab with the application in it."""

    tab: Tab

    @property
    def page(self) -> Any:
        return self.tab.page

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def sign_in(self, username: str = "alice", password: str = PASSWORD) -> "Window":
        self.fill_in(username, password)
        self.expect_user(username)
        return self

    def fill_in(self, username: str, password: str) -> None:
        form = self.page.get_by_role("form", name="Sign in")
        form.get_by_label("Username").fill(username)
        form.get_by_label("Password").fill(password)
        form.get_by_role("button", name="Sign in").click()

    def expect_user(self, username: str) -> None:
        expect(self.page.get_by_test_id("username")).to_have_text(username)

    def expect_signed_out(self, sentence: str | re.Pattern[str] = "", **options: Any) -> None:
        """It asks to sign in, and says why; without a sentence, it just asks."""
        expect(self.page.get_by_role("form", name="Sign in")).to_be_visible(**options)
        expect(self.page.get_by_role("status")).to_have_text(sentence)

    def go_to(self, title: str) -> "Window":
        self.page.get_by_role("link", name=title).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)
        return self

    def log_out(self) -> None:
        self.button("Log out").click()
        self.expect_signed_out("You are logged out.")

    def run_ten_queries(self, *, at: float | None = None) -> None:
        if at is None:
            self.button("Run ten queries").click()
        else:
            self.button("Run ten queries").evaluate(CLICK_AT, at)

    def expect_ten_answers(self) -> None:
        expect(self.page.get_by_role("status")).to_have_text("10 answered, 0 refused.")

    def change_password(self, old: str, new: str) -> None:
        form = self.page.get_by_role("form", name="Change password")
        form.get_by_label("Current password").fill(old)
        form.get_by_label("New password").fill(new)
        form.get_by_role("button", name="Change password").click()

    def now(self) -> float:
        return self.page.evaluate("() => Date.now()")

    def cached(self) -> str:
        return self.page.evaluate(CACHED)

    def stored(self) -> str:
        """Return all that scripts of this origin find in storage and cookies."""
        return self.page.evaluate(STORED)

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return self.page.evaluate(OVERFLOW)


@dataclass
class Device:
    """A browser of its own: its tabs share cookies and storage with each other and nobody else."""

    context: BrowserContext
    origin: str
    windows: list[Window] = field(default_factory=list)
    mutations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("request", self._note)

    def open(self) -> Window:
        window = Window(Tab(self.context.new_page(), self.origin))
        window.tab.open()
        self.windows.append(window)
        return window

    def refreshes(self) -> int:
        """Return how often any tab has asked for new tokens."""
        return sum("refreshToken(" in text or "refreshToken {" in text for text in self.mutations)

    def complaints(self) -> Iterator[str]:
        for window in self.windows:
            yield from window.tab.complaints

    def _note(self, request: Request) -> None:
        if "mutation" in (text := request.post_data or ""):
            self.mutations.append(re.sub(r"\s+", " ", text))
