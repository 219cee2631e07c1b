"""The grace window opens nothing that has expired: an expired session stays refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from revocation import sessions
from revocation.errors import RefreshRejected
from revocation.tokens import read_refresh

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


def test_a_predecessor_that_outlives_the_session_does_not_revive_it(alice, settings):
    predecessor = sessions.open_session(alice, now=NOW).refresh_token
    settings.GRAPHQL_JWT = {"JWT_REFRESH_EXPIRATION_DELTA": timedelta(seconds=3)}
    sessions.rotate(read_refresh(predecessor, now=NOW), now=NOW)
    later = NOW + timedelta(seconds=6)

    with pytest.raises(RefreshRejected):
        sessions.rotate(read_refresh(predecessor, now=later), now=later)
