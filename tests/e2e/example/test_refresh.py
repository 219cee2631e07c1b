"""Access tokens that have expired: nobody notices, and it costs one refresh."""

import pytest
from playwright.sync_api import expect

from tests.client import PASSWORD

ACCESS_TOKEN_SECONDS = 3


@pytest.fixture
def environ():
    return {"ACCESS_TOKEN_SECONDS": str(ACCESS_TOKEN_SECONDS)}


def let_token_expire(window):
    # Nothing can hurry the server's clock along.
    window.page.wait_for_timeout(1000 * ACCESS_TOKEN_SECONDS + 100)


def test_ten_queries_in_each_of_two_tabs_with_an_expired_token_cost_one_refresh(device):
    one = device.open().sign_in()
    other = device.open()
    other.expect_user("alice")
    let_token_expire(one)
    before = device.refreshes()

    soon = one.now() + 500
    one.run_ten_queries(at=soon)
    other.run_ten_queries(at=soon)

    one.expect_ten_answers()
    other.expect_ten_answers()
    assert device.refreshes() - before == 1


def test_a_tab_opened_after_the_token_expired_is_signed_in(device):
    one = device.open().sign_in()
    let_token_expire(one)

    other = device.open()

    other.expect_user("alice")
    other.run_ten_queries()
    other.expect_ten_answers()


def test_queries_after_a_changed_password_and_an_expired_token_are_answered(device):
    """The session goes on under a new id at the server: nobody must take it for another user's."""
    window = device.open().sign_in()
    window.go_to("Password").change_password(PASSWORD, "staple battery horse correct")
    expect(window.page.get_by_role("status")).to_contain_text("The password is changed")
    window.go_to("Account")
    let_token_expire(window)

    window.run_ten_queries()

    window.expect_ten_answers()


def test_a_session_ended_meanwhile_is_not_refreshed(device, new_device):
    here = device.open().sign_in()
    there = new_device().open().sign_in()
    there.go_to("Devices").button("Log out every other device").click()
    expect(there.page.get_by_role("status")).to_have_text("Every other device is logged out.")
    let_token_expire(here)

    here.run_ten_queries()

    here.expect_signed_out("Your session was ended on another device.")
