"""Several devices of one user: what one of them ends, and what goes on."""

import pytest
from playwright.sync_api import expect

from tests.client import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
NEW_PASSWORD = "staple battery horse correct"
ENDED_ELSEWHERE = "Your session was ended on another device."


@pytest.fixture
def here(device):
    return device.open().sign_in()


@pytest.fixture
def there(new_device):
    return new_device(user_agent=FIREFOX).open().sign_in()


def test_devices_are_listed_with_what_one_knows_them_by(here, there):
    here.go_to("Devices")

    devices = here.page.get_by_role("list", name="Your sessions").get_by_role("listitem")
    expect(devices).to_have_count(2)
    other = devices.filter(has_text="Firefox on Windows")
    expect(other).to_contain_text("127.0.0.0")
    expect(other).not_to_contain_text("This device")
    this = devices.filter(has_text="This device")
    expect(this).to_have_count(1)
    expect(this.get_by_role("button")).to_have_count(0)


def test_a_device_that_is_logged_out_from_another_is_out_at_its_next_query(here, there):
    here.go_to("Devices")

    here.button("Log out that device").click()

    expect(here.page.get_by_role("status")).to_have_text("Firefox on Windows is logged out.")
    expect(here.page.get_by_role("listitem")).to_have_count(1)
    there.run_ten_queries()
    there.expect_signed_out(ENDED_ELSEWHERE)


def test_logging_out_everywhere_spares_nobody(here, there):
    here.go_to("Devices").button("Log out everywhere").click()

    here.expect_signed_out("You are logged out.")
    there.run_ten_queries()
    there.expect_signed_out(ENDED_ELSEWHERE)


def test_logging_out_every_other_device_spares_this_one(here, there):
    here.go_to("Devices").button("Log out every other device").click()

    expect(here.page.get_by_role("status")).to_have_text("Every other device is logged out.")
    there.run_ten_queries()
    there.expect_signed_out(ENDED_ELSEWHERE)
    here.go_to("Account").run_ten_queries()
    here.expect_ten_answers()


def test_a_changed_password_ends_every_other_session(here, there):
    here.go_to("Password").change_password(PASSWORD, NEW_PASSWORD)

    expect(here.page.get_by_role("status")).to_contain_text("The password is changed")
    there.run_ten_queries()
    there.expect_signed_out(ENDED_ELSEWHERE)
    here.go_to("Account").run_ten_queries()
    here.expect_ten_answers()


def test_after_a_changed_password_other_tabs_of_this_device_go_on(device, here):
    other = device.open()
    other.expect_user("alice")

    here.go_to("Password").change_password(PASSWORD, NEW_PASSWORD)

    expect(here.page.get_by_role("status")).to_contain_text("The password is changed")
    other.run_ten_queries()
    other.expect_ten_answers()


def test_the_new_password_is_the_one_that_opens(here):
    here.go_to("Password").change_password(PASSWORD, NEW_PASSWORD)
    expect(here.page.get_by_role("status")).to_contain_text("The password is changed")
    here.log_out()

    here.fill_in("alice", PASSWORD)
    expect(here.page.get_by_role("alert")).to_have_text("Please enter valid credentials.")
    here.sign_in("alice", NEW_PASSWORD)


def test_why_a_password_was_not_accepted_is_told(here):
    here.go_to("Password").change_password(PASSWORD, "1234")

    expect(here.page.get_by_role("alert")).to_contain_text("too short")


def test_a_wrong_current_password_is_told(here):
    here.go_to("Password").change_password("wrong", NEW_PASSWORD)

    expect(here.page.get_by_role("alert")).to_have_text("Please enter valid credentials.")
