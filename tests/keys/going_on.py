"""What a client does all the time, in a process of its own. Django is not set up in it."""

from pathlib import Path

import jwt

from tests.client import ME


def kid_of(token):
    return jwt.get_unverified_header(token)["kid"]


def said_in(token):
    return jwt.decode(token, options={"verify_signature": False})


def go_on(client, *, username, until):
    """Use one session, and refresh it, until a file is there.

    Return the keys that signed its access tokens, in order, how often it was refreshed, and the
    tokens it has in the end.
    """
    pair, kids, refreshes = client.sign_in(username), [], 0
    while not Path(until).exists():
        if kid_of(pair.access) not in kids:
            kids.append(kid_of(pair.access))
        assert client.bearing(pair)(ME).data == {"me": {"username": username}}
        successor = client.refresh(pair)
        # As if the answer had been lost: the same generation, whichever key signs it now.
        again = client.refresh(pair)
        assert said_in(again.refresh) == said_in(successor.refresh)
        assert client.bearing(successor)(ME).data == {"me": {"username": username}}
        pair, refreshes = again, refreshes + 1
    return kids, refreshes, client.refresh(pair)
