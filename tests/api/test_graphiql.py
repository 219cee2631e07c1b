"""GraphiQL at the endpoint, for browsers only."""

import pytest

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def open_page(http, settings):
    settings.GRAPHIQL = True

    def open_page(accept=CHROME, **parameters):
        return http.client.get("/graphql", parameters, headers={"accept": accept})

    return open_page


def test_a_browser_gets_the_page_under_a_strict_policy(open_page):
    response = open_page()

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Content-Security-Policy"] == CSP
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_nothing_in_the_page_runs_inline_or_comes_from_elsewhere(open_page):
    page = open_page().content.decode()

    assert "<script>" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_a_shared_link_opens_the_page_and_executes_nothing(open_page):
    response = open_page(query="{ version }")

    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("accept", "parameters"),
    [("*/*", {}), ("application/json", {}), (CHROME, {"raw": ""}), (CHROME, {"raw": "1"})],
)
def test_whoever_wants_data_gets_data(open_page, accept, parameters):
    response = open_page(accept, query="{ version }", **parameters)

    assert response.json() == {"data": {"version": "1"}}
    assert "script-src" not in response.headers["Content-Security-Policy"]


def test_switched_off_there_is_no_page(open_page, settings):
    settings.GRAPHIQL = False

    assert open_page(query="{ version }").json() == {"data": {"version": "1"}}
    assert open_page("text/html").status_code == 406


def test_it_works_with_introspection_switched_off(open_page, settings):
    settings.INTROSPECTION = False

    assert open_page().status_code == 200
