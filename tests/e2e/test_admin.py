"""The admin as an operator uses it. The pictures it takes are those of docs/admin.md.

To take them anew: `SCREENSHOTS=docs/images make e2e PYTEST_ARGS=tests/e2e/test_admin.py`
"""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from tests.client import ME, PASSWORD
from tests.live import LiveServer

from . import people
from .conftest import SCREENSHOTS

SIZE = {"width": 1180, "height": 700}
CREATE = "from tests.e2e import people; people.create()"
SESSIONS = "/admin/revocation/session/"
BLACKLIST = "/admin/revocation/revokedtoken/"
USERS = "/admin/auth/user/"
ROWS = "#result_list tbody tr"
FORBIDDEN = 403


@pytest.fixture(scope="module")
def server(template):
    with LiveServer(template, workers=1) as server:
        server.manage("shell", "-v", "0", "-c", CREATE)
        yield server


@pytest.fixture
def open_admin(browser, server):
    """Return what signs somebody in to the admin, in a browser of its own."""
    contexts = []

    def open_as(name, path=SESSIONS):
        context = browser.new_context(viewport=SIZE, color_scheme="light")
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/admin/login/?next={path}")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        return page

    yield open_as
    for context in contexts:
        context.close()


def take_picture(page, name):
    """Take a picture of a page down to its last line."""
    SCREENSHOTS.mkdir(exist_ok=True)
    bottom = page.locator("#content").bounding_box()
    height = min(bottom["y"] + bottom["height"], SIZE["height"])
    clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": height}
    page.screenshot(path=SCREENSHOTS / f"{name}.png", clip=clip)


def choose(page, text):
    """Tick the rows in which a text stands."""
    for row in page.locator(ROWS).filter(has_text=text).all():
        row.get_by_role("checkbox").check()


def act(page, action):
    page.get_by_label("Action").select_option(label=action)
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()


def test_an_operator_ends_a_device_of_somebody_from_the_list(open_admin, server):
    client = server.client()
    tokens = client.sign_in("carol")
    assert client.bearing(tokens)(ME).data == {"me": {"username": "carol"}}
    page = open_admin("operator")

    page.locator("#searchbar").fill("carol")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(ROWS)).to_have_count(2)
    choose(page, tokens.payload["sid"])
    act(page, "End selected sessions")

    expect(page.locator(".messagelist")).to_have_text("Ended 1 session.")
    assert client.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
    assert client.try_refresh(tokens).reason == "SESSION_ENDED"


def test_an_operator_logs_somebody_out_everywhere_from_the_list_of_users(open_admin, server):
    client = server.client()
    tokens = [client.sign_in("dave") for _ in range(2)]
    page = open_admin("operator", USERS)

    choose(page, "dave@example.com")
    page.get_by_label("Action").select_option(label="Log out everywhere")
    take_picture(page, "admin-users")
    act(page, "Log out everywhere")

    expect(page.locator(".messagelist")).to_have_text("Ended 2 sessions.")
    assert [client.bearing(pair)(ME).reason for pair in tokens] == ["TOKEN_REVOKED"] * 2


def test_no_page_shows_what_opens_anything_or_offers_to_delete(open_admin, server):
    client = server.client()
    tokens = client.sign_in("bob")
    page = open_admin("operator")
    take_picture(page, "admin-sessions")
    shown = [page.content()]
    assert page.get_by_label("Action").locator("option").all_text_contents() == [
        "---------",
        "End selected sessions",
    ]
    sid = tokens.payload["sid"]
    for path, picture in {
        f"{SESSIONS}{sid}/change/": "admin-session",
        f"{SESSIONS}{sid}/history/": None,
        BLACKLIST: "admin-blacklist",
    }.items():
        page.goto(at(page, path))
        assert (
            page.get_by_role("link", name="Delete")
            .or_(page.get_by_role("button", name="Delete"))
            .count()
            == 0
        )
        assert page.get_by_role("button", name="Save").count() == 0
        if picture:
            take_picture(page, picture)
        shown.append(page.content())
    secrets = [tokens.access, tokens.refresh, tokens.refresh.rpartition(".")[2]]
    for column in ("fingerprint", "password"):
        table = "revocation_session" if column == "fingerprint" else "auth_user"
        secrets += [value for (value,) in server.sql(f"SELECT {column} FROM {table}")]
    assert sid in shown[0]
    assert [secret for secret in secrets if any(secret in text for text in shown)] == []


@pytest.mark.parametrize("path", [SESSIONS, BLACKLIST])
def test_nothing_is_deleted_or_changed_by_asking_for_it(open_admin, path):
    page = open_admin("operator", path)
    key = page.locator(f"{ROWS} th a").first.inner_text()

    for verb in ("delete", "change"):
        assert post(page, f"{path}{key}/{verb}/", post="yes").status == FORBIDDEN


def test_who_may_only_look_is_offered_nothing_to_end_with(open_admin, server):
    page = open_admin("viewer")

    assert page.locator(ROWS).count() >= len(people.DEVICES)
    assert page.get_by_label("Action").count() == 0
    before = live(server)
    [sid, *_] = before

    post(page, SESSIONS, action="end_sessions", _selected_action=sid)

    assert live(server) == before


def test_who_may_not_look_sees_nothing(open_admin, server):
    page = open_admin("stranger", "/admin/")

    for path in (SESSIONS, BLACKLIST, USERS):
        assert page.request.get(at(page, path)).status == FORBIDDEN
        assert post(page, path, action="end_sessions").status == FORBIDDEN


def at(page, path):
    return urljoin(page.url, path)


def post(page, path, **form):
    """Send a form that the page does not show, as this page could."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    form["csrfmiddlewaretoken"] = cookies["csrftoken"]
    return page.request.post(at(page, path), form=form)


def live(server):
    rows = server.sql("SELECT id FROM revocation_session WHERE ended_at IS NULL ORDER BY id")
    return [sid for (sid,) in rows]
