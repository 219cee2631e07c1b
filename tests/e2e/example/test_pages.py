"""How the pages look and behave, in any light and on any screen, with a keyboard alone."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.client import PASSWORD

NARROW = {"width": 320, "height": 640}


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


def test_every_page_is_shown_for_the_record(new_device, site, scheme):
    window = new_device(color_scheme=scheme).open()

    def record(name):
        window.tab.screenshot(f"example-{name}-{site.mode}-{scheme}")

    record("sign-in")
    window.sign_in().run_ten_queries()
    window.expect_ten_answers()
    record("account")
    window.go_to("Devices")
    expect(window.page.get_by_role("listitem")).to_have_count(1)
    record("devices")
    window.go_to("Password").change_password(PASSWORD, "1234")
    expect(window.page.get_by_role("alert")).not_to_be_empty()
    record("password")
    window.log_out()
    record("logged-out")


def test_a_narrow_screen_holds_every_page(new_device, site):
    window = new_device(viewport=NARROW).open()
    assert window.overflow() == 0

    window.sign_in().run_ten_queries()
    window.expect_ten_answers()
    window.tab.screenshot(f"example-narrow-{site.mode}")
    assert window.overflow() == 0
    for title in ("Devices", "Password"):
        assert window.go_to(title).overflow() == 0


def test_a_keyboard_is_enough(device):
    window = device.open()
    keyboard = window.page.keyboard
    expect(window.page.get_by_role("heading", name="Sign in")).to_be_focused()

    for text in ("alice", PASSWORD):
        keyboard.press("Tab")
        keyboard.type(text)
    keyboard.press("Enter")
    window.expect_user("alice")

    focused = window.page.locator("*:focus")
    expect(focused).to_have_text("Account")
    keyboard.press("Shift+Tab")
    expect(focused).to_have_text("Log out")
    keyboard.press("Enter")
    window.expect_signed_out("You are logged out.")


def test_a_page_survives_a_reload_and_the_way_back(device):
    one = device.open().sign_in()
    device.open().expect_user("alice")

    one.go_to("Devices").page.reload()
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Devices")
    one.go_to("Password").page.go_back()
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Devices")


def test_a_wrong_password_is_told_and_may_be_typed_again_at_once(device):
    window = device.open()

    window.fill_in("alice", "wrong")

    expect(window.page.get_by_role("alert")).to_have_text("Please enter valid credentials.")
    expect(window.page.get_by_label("Password")).to_be_focused()
    expect(window.page.get_by_label("Password")).to_have_value("")


def test_the_footer_says_how_tokens_travel_and_where_to(device, site):
    window = device.open()

    expect(window.page.get_by_test_id("mode")).to_have_text(site.mode)
    footer = window.page.get_by_role("contentinfo")
    expect(footer).to_contain_text(f"http://127.0.0.1:{site.api.port}/graphql")


def test_nobody_else_is_asked_for_anything(device, site):
    window = device.open().sign_in().go_to("Devices").go_to("Password")

    asked = {urlsplit(url).netloc for url in window.tab.requested}
    assert asked == {urlsplit(site.origin).netloc, f"127.0.0.1:{site.api.port}"}
