"""What proxies forward: believed of those that are named, as far as they speak themselves."""

import asyncio

import pytest

from api.proxies import Proxies, believing_asgi, believing_wsgi

OURS = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]
CLIENT = "203.0.113.9"
FORGED = "198.51.100.1"


def by_wsgi(peer, lines, *, proxies=OURS):
    """Send header lines from an address; return who the application thinks it was, and how."""
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    for name, value in lines:
        # As servers do with several lines of one name (RFC 3875, 4.1.18).
        key = f"HTTP_{name.upper().replace('-', '_')}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    seen = {}
    believing_wsgi(lambda environ, _: seen.update(environ), Proxies(proxies))(environ, None)
    return seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]


def by_asgi(peer, lines, *, proxies=OURS):
    headers = [(name.lower().encode(), value.encode()) for name, value in lines]
    client = (peer, 50_000) if peer else None
    scope = {"type": "http", "client": client, "scheme": "http", "headers": headers}
    seen = {}

    async def application(scope, receive, send):
        seen.update(scope)

    asyncio.run(believing_asgi(application, Proxies(proxies))(scope, None, None))
    return seen["client"][0] if seen["client"] else "", seen["scheme"]


pytestmark = pytest.mark.parametrize("ask", [by_wsgi, by_asgi])


def heard(*values):
    return [("X-Forwarded-For", value) for value in values]


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (heard(CLIENT), CLIENT),
        (heard(f" {CLIENT} "), CLIENT),
        (heard(f"{CLIENT}, 10.0.0.7"), CLIENT),
        (heard(f"{CLIENT},10.0.0.7,fd00::1"), CLIENT),
        (heard(CLIENT, "10.0.0.7"), CLIENT),
        (heard(f"{CLIENT}, 10.0.0.7:4711"), CLIENT),
        (heard(f"{CLIENT}:4711"), CLIENT),
        (heard("2001:db8::1"), "2001:db8::1"),
        (heard("[2001:db8::1]:443"), "2001:db8::1"),
        (heard(f"{CLIENT}, ::ffff:10.0.0.7"), CLIENT),
        # Everybody on the way is ours: a probe, say.
        (heard("10.0.0.8, 10.0.0.7"), "10.0.0.8"),
    ],
)
def test_the_client_is_whom_the_first_of_our_proxies_heard(ask, lines, client):
    assert ask("10.0.0.1", lines)[0] == client


@pytest.mark.parametrize(
    "lines",
    [
        heard(f"{FORGED}, {CLIENT}"),
        heard(FORGED, CLIENT),
        heard(f"{FORGED}, 10.0.0.7, {CLIENT}"),
        heard(f"{FORGED}, 127.0.0.1, {CLIENT}, 10.0.0.7"),
        heard(f"{FORGED}, ,{CLIENT}"),
        heard(f"{FORGED},garbage,{CLIENT}"),
        heard(f"{FORGED},{'10.0.0.7,' * 1000}{CLIENT}"),
        [("Forwarded", f"for={FORGED}"), ("X-Real-IP", FORGED), *heard(CLIENT)],
    ],
)
def test_what_a_client_claims_to_be_is_not_believed(ask, lines):
    assert ask("10.0.0.1", lines)[0] == CLIENT


@pytest.mark.parametrize(
    "value", ["", " ", ",", "unknown", "_hidden", f"{FORGED},", f"{FORGED}, unknown", "\xff", "::g"]
)
def test_somebody_without_an_address_is_counted_for_the_proxy(ask, value):
    assert ask("10.0.0.1", heard(value))[0] == "10.0.0.1"


@pytest.mark.parametrize("peer", [CLIENT, "11.0.0.1", "2001:db8::1", "::ffff:11.0.0.1", ""])
def test_strangers_are_not_believed(ask, peer):
    lines = [*heard(FORGED), ("X-Forwarded-Proto", "https")]

    assert ask(peer, lines) == (peer, "http")


def test_a_proxy_is_known_by_its_address_on_a_socket_for_both_versions_of_ip(ask):
    lines = [*heard(CLIENT), ("X-Forwarded-Proto", "https")]

    assert ask("::ffff:10.0.0.1", lines) == (CLIENT, "https")


@pytest.mark.parametrize("named", ["::ffff:10.0.0.1", "::ffff:10.0.0.0/104", "10.0.0.1"])
@pytest.mark.parametrize("peer", ["::ffff:10.0.0.1", "10.0.0.1"])
def test_a_proxy_may_be_named_as_such_a_socket_does(ask, named, peer):
    assert ask(peer, heard(CLIENT), proxies=[named])[0] == CLIENT


@pytest.mark.parametrize(
    ("values", "scheme"),
    [
        (["https"], "https"),
        (["HTTPS"], "https"),
        (["http"], "http"),
        ([], "http"),
        ([""], "http"),
        # Which of them wrote which is not known, so it is as it came.
        (["https, http"], "http"),
        (["https", "http"], "http"),
        (["https,https"], "http"),
        (["ftp"], "http"),
        (["wss"], "http"),
    ],
)
def test_a_scheme_is_believed_if_it_is_one(ask, values, scheme):
    assert ask("10.0.0.1", [("X-Forwarded-Proto", value) for value in values])[1] == scheme
