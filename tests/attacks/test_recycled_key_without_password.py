"""A recycled primary key revives no token, also where neither user ever had a password.

Django's `RemoteUserBackend` creates such users: their password field is empty. An import gives them
all one `date_joined`, and a user model of one's own may have none: nothing in the rows tells the
old user from the new one.
"""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from revocation import guard, sessions
from revocation.errors import RefreshRejected, Unauthenticated
from revocation.tokens import read_refresh

pytestmark = pytest.mark.django_db

IMPORTED = timezone.now()


@pytest.fixture
def gone():
    """Tokens of a user without a password, who was deleted behind Django's back."""
    user = get_user_model().objects.create(username="gone", date_joined=IMPORTED)
    pair = sessions.open_session(user)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM auth_user WHERE id = %s", [user.pk])
    get_user_model().objects.create(username="heir", pk=user.pk, date_joined=IMPORTED)
    return pair


def test_the_access_token_does_not_become_the_heirs(gone):
    with pytest.raises(Unauthenticated):
        guard.judge(gone.access_token)


def test_the_refresh_token_does_not_become_the_heirs(gone):
    with pytest.raises(RefreshRejected):
        sessions.rotate(read_refresh(gone.refresh_token))
