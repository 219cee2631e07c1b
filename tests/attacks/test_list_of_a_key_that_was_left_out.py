"""A leaked key goes from the file at once, and the lists that it has signed with it.

Whoever has the new public keys believes none of them: until the next one was made, services would
refuse everybody.
"""

from datetime import timedelta

import jwt
import pytest
from django.utils import timezone

from revocation import sessions
from revocation.errors import RevocationUnavailable
from revocation.keys import key_ring
from revocation.status_list import current_list
from tests.keys.conftest import file, kids_of, looking_always, path, rotate_key  # noqa: F401
from tests.revocation import status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _served(path, settings, alice):  # noqa: F811
    settings.GRAPHQL_JWT = status.KEYS
    settings.REVOCATION = settings.REVOCATION | status.ON | {"STATUS_LIST_LIFETIME": 3600}
    rotate_key("--create")
    sessions.open_session(alice)


def kid_of(status_list):
    return jwt.get_unverified_header(status_list.token)["kid"]


def test_the_next_list_is_made_at_once(path):  # noqa: F811
    leaked = kid_of(current_list(0))
    rotate_key("--leaked", leaked)

    assert kid_of(current_list(0)) == key_ring().kid != leaked


@pytest.mark.parametrize("minutes", [10, 40])
def test_it_is_not_handed_out_while_the_next_cannot_be_made_either(path, monkeypatch, minutes):  # noqa: F811
    now = timezone.now()
    current_list(0, now=now - timedelta(minutes=minutes))
    rotate_key("--leaked")

    def fail(*_, **__):
        raise RevocationUnavailable

    monkeypatch.setattr("revocation.status_list.build", fail)
    with pytest.raises(RevocationUnavailable):
        current_list(0, now=now)


def test_a_rotation_makes_nobody_wait_for_another_list(path):  # noqa: F811
    kept = current_list(0)
    rotate_key()
    rotate_key("--activate", "--force")

    assert kid_of(kept) in kids_of(path)["previous"]
    assert current_list(0) is kept
