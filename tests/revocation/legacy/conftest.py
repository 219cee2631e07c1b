"""A project that has just been upgraded, and a user who had signed in before."""

import pytest

from tests.revocation.legacy.old_world import access_token, in_force


@pytest.fixture(autouse=True)
def _upgraded(settings):
    settings.REVOCATION = in_force()


@pytest.fixture
def token(alice):
    """An access token of alice's, of django-graphql-jwt's making."""
    return access_token(alice)


@pytest.fixture
def client(graphql, token):
    """A client that bears it."""
    return graphql.bearing(token)
