"""A little of everything that is counted."""

from tests.client import LOGOUT, ME, SIGN_IN
from tests.live import LiveServer


def make_some(server: LiveServer) -> None:
    """Sign in, ask, refresh, be refused, sound an alarm and log out."""
    client = server.client()
    tokens = client.sign_in()
    for _ in range(20):
        client.bearing(tokens)(ME)
    client(SIGN_IN, username="bob", password="wrong")
    client.bearing(client.sign_in("bob"))(LOGOUT)
    client.bearing("garbage")(ME)
    newer = client.refresh(tokens)
    client.refresh(newer)
    # Without a grace window, the one that came back ends the session.
    client.try_refresh(tokens)
    client.bearing(newer)(ME)
