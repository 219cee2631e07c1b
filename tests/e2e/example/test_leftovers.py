"""What a browser keeps: nothing of the user before, and no token where a script finds it."""

import pytest
from playwright.sync_api import expect

# Ask the first query on the page once more, in a way that does not end with the page: what a
# component asks is called back when it goes away.
ASK_AGAIN = """() => {
    const client = globalThis.__APOLLO_CLIENT__;
    const [{ query }] = client.getObservableQueries().values();
    client.query({ query, fetchPolicy: "network-only" }).then(
        () => globalThis.answered = "delivered",
        (error) => globalThis.answered = error.code);
}"""


@pytest.fixture
def window(device):
    return device.open()


def assert_free_of(window, word):
    assert word not in window.page.locator("body").inner_text()
    assert word not in window.page.title()
    assert word not in window.cached()
    assert word not in window.stored()


def test_nothing_of_a_user_is_left_after_logging_out(window):
    window.sign_in("alice").go_to("Devices").go_to("Account")
    assert "alice" in window.cached()

    window.log_out()

    assert_free_of(window, "alice")


def test_the_next_user_finds_nothing_of_the_one_before(window):
    window.sign_in("alice").go_to("Devices").go_to("Account")
    window.log_out()

    window.sign_in("bob").go_to("Devices").go_to("Account")

    assert "bob" in window.page.get_by_test_id("me").inner_text()
    assert_free_of(window, "alice")


@pytest.mark.parametrize("released", ["before", "after"])
def test_a_late_answer_never_reaches_the_next_user(window, released):
    """What alice asked is answered once she is gone: before bob signs in, or after."""
    late = []

    def hold_back(route):
        if "query Me" in (route.request.post_data or "") and not late:
            late.append((route, route.fetch()))
        else:
            route.continue_()

    def release():
        [(route, answer)] = late
        assert "alice" in answer.text()
        route.fulfill(response=answer)

    window.sign_in("alice")
    expect(window.page.get_by_test_id("me")).to_contain_text("alice")
    window.page.route("**/graphql", hold_back)
    with window.page.expect_request("**/graphql"):
        window.page.evaluate(ASK_AGAIN)
    window.log_out()

    if released == "before":
        release()
    window.sign_in("bob")
    if released == "after":
        release()

    window.run_ten_queries()
    window.expect_ten_answers()
    assert window.page.evaluate("() => globalThis.answered") == "SESSION_CHANGED"
    assert "bob" in window.page.get_by_test_id("me").inner_text()
    assert_free_of(window, "alice")


def test_no_token_is_where_a_script_could_find_it(device, site):
    window = device.open().sign_in().go_to("Devices").go_to("Account")
    window.run_ten_queries()
    window.expect_ten_answers()

    token = "eyJ"
    assert_free_of(window, token)
    assert token not in window.page.content()
    kept = device.context.cookies()
    if site.mode == "cookie":
        assert any(cookie["value"].startswith(token) for cookie in kept)
        assert all(cookie["httpOnly"] for cookie in kept if token in cookie["value"])
    else:
        assert kept == []


def test_logging_out_leaves_no_token_in_a_cookie(device):
    window = device.open().sign_in()

    # This page knows at once, the API a moment later.
    with window.page.expect_response(lambda answer: "logout" in (answer.request.post_data or "")):
        window.log_out()

    assert [cookie for cookie in device.context.cookies() if cookie["value"]] == []
