"""GraphiQL as a person uses it: sign in, ask, log out, and see the old token refused."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.client import PASSWORD
from tests.live import LiveServer

from .conftest import SIZE, Tab

RESPONSE = """() => globalThis.__MONACO?.editor.getModels()
    .find(model => model.uri.path.endsWith("response.json"))?.getValue() ?? ''"""
PATIENCE = 200


@pytest.fixture
def panel(tab):
    return tab.page.get_by_role("region", name="Session")


def sign_in(panel, name="alice"):
    panel.get_by_label("Username").fill(name)
    panel.get_by_label("Password").fill(PASSWORD)
    panel.get_by_role("button", name="Sign in").click()
    expect(panel.get_by_test_id("session-username")).to_have_text(name)


def run(tab, *, expecting):
    """Press the button and wait for an answer that has this text in it."""
    tab.page.get_by_role("button", name=re.compile("execute", re.IGNORECASE)).click()
    for _ in range(PATIENCE):
        # Playwright's own way to wait would need `unsafe-eval` in the page.
        shown = tab.page.evaluate(RESPONSE)
        if expecting in shown:
            return shown
        tab.page.wait_for_timeout(100)
    raise AssertionError(f"Expected {expecting} in {shown}")


def test_a_token_that_was_logged_out_is_seen_refused(tab, panel):
    run(tab, expecting="TOKEN_MISSING")

    sign_in(panel)
    run(tab, expecting='"username": "alice"')

    panel.get_by_role("button", name="Log out").click()
    expect(panel).to_have_attribute("data-session", "ended")
    answer = run(tab, expecting="TOKEN_REVOKED")

    assert "alice" not in answer
    expect(panel.get_by_test_id("session-refusal")).to_have_text("TOKEN_REVOKED")
    tab.screenshot(f"graphiql-revoked-{tab.page.evaluate(SCHEME)}")


def test_refreshing_keeps_one_signed_in(tab, panel):
    sign_in(panel)

    with tab.page.expect_response(
        lambda answer: "refreshToken" in (answer.request.post_data or "")
    ):
        panel.get_by_role("button", name="Refresh").click()

    run(tab, expecting='"username": "alice"')


def test_a_wrong_password_is_told_with_its_reason(tab, panel):
    panel.get_by_label("Username").fill("alice")
    panel.get_by_label("Password").fill("wrong")
    panel.get_by_role("button", name="Sign in").click()

    expect(panel.get_by_role("alert")).to_contain_text("INVALID_CREDENTIALS")


def test_a_forgotten_token_is_sent_no_more(tab, panel):
    sign_in(panel)
    panel.get_by_role("button", name="Log out").click()
    panel.get_by_role("button", name="Forget token").click()

    run(tab, expecting="TOKEN_MISSING")


def test_nothing_leaves_this_machine_or_breaks_the_policy(tab, panel):
    sign_in(panel)
    run(tab, expecting='"username": "alice"')

    hosts = {urlsplit(url).netloc for url in tab.requested if not url.startswith(LOCAL_SCHEMES)}
    assert hosts == {urlsplit(tab.base).netloc}
    assert tab.complaints == []


def test_no_token_is_kept_by_the_browser(tab, panel):
    sign_in(panel)
    run(tab, expecting='"username": "alice"')

    kept = tab.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in kept
    assert tab.page.context.cookies() == []


@pytest.fixture
def schemaless(browser, template):
    """GraphiQL at an API that does not show its schema."""
    with (
        LiveServer(template, workers=2, GRAPHIQL="true", INTROSPECTION="false") as server,
        browser.new_context(viewport=SIZE) as context,
    ):
        tab = Tab(context.new_page(), f"http://127.0.0.1:{server.port}")
        tab.open_graphiql()
        yield tab


def test_without_introspection_the_page_works_but_for_the_schema(schemaless):
    panel = schemaless.page.get_by_role("region", name="Session")
    sign_in(panel)
    run(schemaless, expecting='"username": "alice"')

    panel.get_by_role("button", name="Log out").click()
    run(schemaless, expecting="TOKEN_REVOKED")
    # GraphiQL asks for the schema in two ways before it gives up.
    assert len(schemaless.complaints) == 2
    assert all("status of 400" in complaint for complaint in schemaless.complaints)


SCHEME = "() => matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'"
LOCAL_SCHEMES = ("data:", "blob:")
