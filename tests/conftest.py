"""Fixtures that most tests share."""

import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests import alone
from tests.client import PASSWORD, GraphQLClient
from tests.publish.building import build as build_site
from tests.wheels import build, install

pytest_plugins = ["revocation.testing.fixtures"]

E2E = Path(__file__).parent / "e2e"
# What a test asks for that meets the chosen database, in this process or a live server's.
DATABASES = {"db", "transactional_db", "template", "server", "members"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Let what wants to be alone come last, and the browser after that; on a database server leave
    out what SQLite's run has as well.

    Playwright leaves an event loop in the thread, inside which no test can run one of its own.
    """
    items.sort(key=lambda item: (alone.is_wanted(item.path), item.path.is_relative_to(E2E)))
    if os.environ.get("DATABASE_URL", "").partition(":")[0] in {"", "sqlite"}:
        return
    left_out = [item for item in items if not meets_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = filter(meets_database, items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before its fixtures start servers, let other runs end."""
    if alone.is_wanted(item.path):
        alone.wait_for_others()


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


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of this project."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The documentation site, built from this folder."""
    return build_site(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="session")
def environment(wheel, tmp_path_factory):
    """The Python of an environment with the wheel, what it needs, and nothing else."""
    return install(wheel, folder=tmp_path_factory.mktemp("environment"))


@pytest.fixture
def put(settings):
    """Return what puts settings in force, beside those that are."""

    def put(**values):
        settings.REVOCATION = settings.REVOCATION | values

    return put
