"""Fixtures that most tests share."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.client import PASSWORD, GraphQLClient


@pytest.fixture
def make_user(db):
    """Create users; each has the same password."""

    def make(username="alice", **fields):
        return get_user_model().objects.create_user(username, password=PASSWORD, **fields)

    return make


@pytest.fixture
def alice(make_user):
    return make_user("alice")


@pytest.fixture
def graphql(db):
    """A client without credentials, speaking to the API in this process."""
    return GraphQLClient(Client(raise_request_exception=False))
