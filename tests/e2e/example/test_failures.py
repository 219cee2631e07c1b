"""An API that does not answer, or not yet again: it is said, and can be made good."""

import re

import pytest
from playwright.sync_api import expect

UNREACHABLE = "The API does not answer"
PATIENCE = 30


@pytest.fixture
def window(device):
    window = device.open()
    window.expect_signed_out()
    yield window
    # The browser's own line for each request that failed.
    window.tab.complaints[:] = [
        line for line in window.tab.complaints if "Failed to load resource" not in line
    ]


def cut_off(window):
    window.page.context.route("**/graphql", lambda route: route.abort())


def reconnect(window):
    window.page.context.unroute("**/graphql")


def live_sessions(site):
    [(count,)] = site.api.sql("SELECT count(*) FROM revocation_session WHERE ended_at IS NULL")
    return count


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"status": 404}, "the server answers 404"),
        ({"json": {"uri": "nowhere", "mode": "header"}}, "address as “uri”"),
        ({"json": {"uri": "http://127.0.0.1/graphql"}}, "needs a “mode”"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_told(window, config, complaint):
    window.page.route("**/config.json", lambda route: route.fulfill(**config))

    window.page.reload()

    expect(window.page.get_by_text("The example cannot start")).to_contain_text(complaint)


def test_signing_in_at_an_api_that_does_not_answer(window):
    cut_off(window)

    window.fill_in("alice", "whatever")

    expect(window.page.get_by_role("alert")).to_contain_text(UNREACHABLE)


def test_a_logout_the_api_did_not_hear_of_is_told_and_repeated(window, site):
    window.sign_in()
    cut_off(window)

    window.button("Log out").click()

    warning = window.page.get_by_role("alert").filter(has_text="the session lives on there")
    expect(warning).to_contain_text(UNREACHABLE)
    assert live_sessions(site) == 1

    reconnect(window)
    with window.page.expect_response("**/graphql"):
        window.button("Log out again").click()

    expect(warning).to_have_count(0)
    assert live_sessions(site) == 0


def test_queries_at_an_api_that_does_not_answer_sign_nobody_out(window):
    window.sign_in()
    cut_off(window)

    window.run_ten_queries()
    expect(window.page.get_by_role("status")).to_have_text("0 answered, 10 refused.")
    expect(window.page.get_by_role("table")).to_contain_text(UNREACHABLE)

    reconnect(window)
    window.run_ten_queries()
    window.expect_ten_answers()


@pytest.mark.parametrize("mode", ["cookie"])
def test_a_reload_while_the_api_does_not_answer_can_be_repeated(window):
    window.sign_in()
    cut_off(window)

    window.page.reload()
    expect(window.page.get_by_role("alert")).to_contain_text("cannot say now who is signed in")

    reconnect(window)
    window.button("Try again").click()
    window.expect_user("alice")


def test_guessing_passwords_ends_and_one_is_told_how_long_to_wait(window):
    alert = window.page.get_by_role("alert")
    for guess in range(PATIENCE):
        with window.page.expect_response("**/graphql"):
            window.fill_in("alice", f"guess {guess}")
        expect(alert).not_to_be_empty()
        if "Too many" in alert.inner_text():
            break

    expect(alert).to_have_text(
        re.compile(r"Too many attempts\. Try again in \d+ (second|minute)s\.")
    )


def test_guessing_the_current_password_ends_too(window):
    window.sign_in().go_to("Password")
    alert = window.page.get_by_role("alert")
    for guess in range(PATIENCE):
        with window.page.expect_response("**/graphql"):
            window.change_password(f"guess {guess}", "staple battery horse correct")
        expect(alert).not_to_be_empty()
        if "Too many" in alert.inner_text():
            break

    expect(alert).to_contain_text("Too many attempts. Try again in")
