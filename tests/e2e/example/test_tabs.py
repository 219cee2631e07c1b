"""Tabs of one browser: one session, one logout, and what outlives a reload."""


def test_a_second_tab_is_signed_in_as_the_first(device):
    device.open().sign_in()

    device.open().expect_user("alice")


def test_logging_out_in_one_tab_logs_out_the_other_within_a_second(device):
    one = device.open().sign_in()
    other = device.open()
    other.expect_user("alice")

    one.log_out()

    other.expect_signed_out("You logged out in another tab.", timeout=1000)


def test_signing_in_in_one_tab_signs_in_the_other(device):
    one, other = device.open(), device.open()

    one.sign_in()

    other.expect_user("alice")


def test_another_user_in_one_tab_is_the_user_of_the_other_too(device):
    one = device.open().sign_in("alice")
    other = device.open()
    other.expect_user("alice")

    one.log_out()
    one.sign_in("bob")

    other.expect_user("bob")
    assert "alice" not in other.page.locator("body").inner_text()
    assert "alice" not in other.cached()


def test_a_reloaded_tab_takes_the_session_over_from_another(device):
    one = device.open().sign_in()
    device.open().expect_user("alice")

    one.page.reload()

    one.expect_user("alice")
    one.run_ten_queries()
    one.expect_ten_answers()


def test_a_reload_with_no_other_tab_keeps_what_only_a_cookie_can_keep(device, site):
    window = device.open().sign_in()

    window.page.reload()

    if site.mode == "cookie":
        window.expect_user("alice")
        window.run_ten_queries()
        window.expect_ten_answers()
    else:
        window.expect_signed_out()
