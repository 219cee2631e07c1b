"""The admin as an operator uses it. The pictures it takes are those of docs/admin.md.

To take them anew: `SCREENSHOTS=docs/images make e2e PYTEST_ARGS=tests/e2e/test_admin.py`
"""

import re
import subprocess
import sys
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from tests.client import ME, PASSWORD
from tests.live import ROOT, LiveServer, Template, environment
from tests.waiting import PATIENCE_SECONDS

from . import people
from .conftest import SCREENSHOTS

SIZE = {"width": 1480, "height": 800}
CREATE = "from tests.e2e import people; people.create()"
SESSIONS = "/admin/revocation/session/"
BLACKLIST = "/admin/revocation/revokedtoken/"
USERS = "/admin/auth/user/"
ROWS = "#result_list tbody tr"
# Ends a wait that would have no end; a busy machine takes its time.
PATIENCE_MS = PATIENCE_SECONDS * 1000
FORBIDDEN = 403


@pytest.fixture(scope="module")
def _server(template):
    peopled = Template(template.databases, template.copy())
    command = [sys.executable, "-c", f"import django; django.setup(); {CREATE}"]
    subprocess.run(command, cwd=ROOT, env=environment(peopled.url), check=True)
    with LiveServer(peopled, workers=1) as server:
        yield server
        # Nothing more is asked of it, so nobody waits for it to end.
        server.crash()


@pytest.fixture
def server(_server):
    """A server with these people, as it was in the beginning."""
    _server.reset()
    return _server


@pytest.fixture
def open_admin(browser, server):
    """Return what signs somebody in to the admin, in a browser of its own."""
    contexts = []

    def open_as(name, path=SESSIONS):
        context = browser.new_context(viewport=SIZE, color_scheme="light")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"http://127.0.0.1:{server.port}/admin/login/?next={path}")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        # Whoever goes on before is not signed in yet.
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    yield open_as
    for context in contexts:
        context.close()


def take_picture(page, name):
    """Take a picture of a page down to its last line, without the list of other pages."""
    page.locator("#toggle-nav-sidebar").click()
    SCREENSHOTS.mkdir(exist_ok=True)
    bottom = page.locator("#content-main").bounding_box()
    clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": bottom["y"] + bottom["height"]}
    page.screenshot(path=SCREENSHOTS / f"{name}.png", clip=clip, full_page=True)
    page.locator("#toggle-nav-sidebar").click()


def choose(page, text):
    """Tick the only row in which a text stands."""
    rows = page.locator(ROWS).filter(has_text=text)
    expect(rows).to_have_count(1, timeout=PATIENCE_MS)
    rows.get_by_role("checkbox").check()


def act(page, action):
    page.locator("select[name=action]").select_option(label=action)
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()


def test_an_operator_ends_a_device_of_somebody_from_the_list(open_admin, server):
    client = server.client()
    tokens = client.sign_in("carol")
    assert client.bearing(tokens)(ME).data == {"me": {"username": "carol"}}
    page = open_admin("operator")

    page.locator("#searchbar").fill("carol")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(ROWS)).to_have_count(2, timeout=PATIENCE_MS)
    choose(page, tokens.payload["sid"])
    act(page, "End selected sessions")

    expect(page.locator(".messagelist")).to_have_text("Ended 1 session.", timeout=PATIENCE_MS)
    assert client.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
    assert client.try_refresh(tokens).reason == "SESSION_ENDED"


def test_an_operator_logs_somebody_out_everywhere_from_the_list_of_users(open_admin, server):
    client = server.client()
    tokens = [client.sign_in("dave") for _ in range(2)]
    page = open_admin("operator", USERS)

    choose(page, "dave@example.com")
    page.locator("select[name=action]").select_option(label="Log out everywhere")
    take_picture(page, "admin-users")
    act(page, "Log out everywhere")

    expect(page.locator(".messagelist")).to_have_text("Ended 2 sessions.", timeout=PATIENCE_MS)
    assert [client.bearing(pair)(ME).reason for pair in tokens] == ["TOKEN_REVOKED"] * 2


def test_no_page_shows_what_opens_anything_or_offers_to_delete(open_admin, server):
    page = open_admin("operator")
    expect(page.locator(ROWS)).to_have_count(len(people.DEVICES), timeout=PATIENCE_MS)
    assert page.locator("select[name=action] option").all_text_contents() == [
        "---------",
        "End selected sessions",
    ]
    take_picture(page, "admin-sessions")
    tokens = server.client().sign_in("bob")
    shown = []
    [[phone]] = server.sql("SELECT id FROM revocation_session WHERE ip_address LIKE '%4f2a%'")
    for path, picture in {
        SESSIONS: None,
        f"{SESSIONS}{tokens.payload['sid']}/change/": None,
        f"{SESSIONS}{tokens.payload['sid']}/history/": None,
        f"{SESSIONS}{phone}/change/": "admin-session",
        BLACKLIST: "admin-blacklist",
    }.items():
        page.goto(at(page, path))
        # As words: the id of a session may have those letters in it.
        offering = re.compile(r"\b(Delete|Save|Add)\b")
        for role in ("link", "button"):
            assert page.get_by_role(role, name=offering).count() == 0
        if picture:
            take_picture(page, picture)
        shown.append(page.content())
    expect(page.locator(ROWS)).to_have_count(
        sum(is_over for *_, is_over in people.DEVICES), timeout=PATIENCE_MS
    )

    secrets = [tokens.access, tokens.refresh, tokens.refresh.rpartition(".")[2]]
    secrets += [value for (value,) in server.sql("SELECT fingerprint FROM revocation_session")]
    secrets += [value for (value,) in server.sql("SELECT password FROM auth_user")]
    assert tokens.payload["sid"] in shown[0]
    assert [secret for secret in secrets if any(secret in text for text in shown)] == []


def test_nothing_is_deleted_or_changed_by_asking_for_it(open_admin, server):
    page = open_admin("operator")

    for path in (SESSIONS, BLACKLIST):
        page.goto(at(page, path))
        key = page.locator(f"{ROWS} th a").first.inner_text()
        for verb in ("delete", "change"):
            assert post(page, f"{path}{key}/{verb}/", post="yes").status == FORBIDDEN


def test_who_may_only_look_is_offered_nothing_to_end_with(open_admin, server):
    page = open_admin("viewer")

    expect(page.locator(ROWS)).to_have_count(len(people.DEVICES), timeout=PATIENCE_MS)
    assert page.locator("select[name=action]").count() == 0
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
