"""A sign-in is under way while the user is deactivated, deleted or given another password.

The change ends the sessions it finds, and that of the sign-in is not there yet: a store that looks
at no user would let its tokens live.
"""

import pytest
from django.contrib.auth.hashers import make_password

from revocation import sessions
from revocation.errors import InvalidCredentials
from revocation.models import Session

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.update(password=make_password("another")),
        lambda users: users.update(is_active=False),
        lambda users: users.delete(),
    ],
    ids=["password", "deactivation", "deletion"],
)
def test_no_session_is_opened_on_what_is_no_more(alice, change):
    change(type(alice).objects.filter(pk=alice.pk))

    with pytest.raises(InvalidCredentials):
        sessions.open_session(alice)

    assert not Session.objects.exists()
