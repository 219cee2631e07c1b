"""Fixtures for tests of one user's tokens."""

import pytest

from revocation import sessions


@pytest.fixture
def issued(alice):
    """The token pair of alice's newest sign-in."""
    return sessions.open_session(alice)
