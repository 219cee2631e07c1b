"""Fixtures that most tests share."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.client import PASSWORD, GraphQLClient

# What a test asks for that meets the chosen database, in this process or a live server's.
DATABASES = {"db", "transactional_db", "template", "server", "members"}


def pytest_collection_modifyitems(config, items):
    """On a database server leave out what would be the same without: SQLite's run has it."""
    if os.environ.get("DATABASE_URL", "").partition(":")[0] in {"", "sqlite"}:
        return
    left_out = [item for item in items if not meets_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = filter(meets_database, items)


def meets_database(item):
    return bool(item.get_closest_marker("django_db") or DATABASES & set(item.fixturenames))


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
