"""Debug pages and error trackers show the `repr` of what they meet: no secret is in it."""

import pytest

from revocation import sessions
from revocation.conf import conf
from revocation.keys import key_ring
from tests.settings import SECRET_KEY


@pytest.mark.parametrize("read", [conf, key_ring])
def test_the_signing_key_is_not_shown(read):
    assert SECRET_KEY not in repr(read())


@pytest.mark.django_db
def test_tokens_are_not_shown(alice):
    pair = sessions.open_session(alice)

    assert pair.access_token not in repr(pair)
    assert pair.refresh_token not in repr(pair)
