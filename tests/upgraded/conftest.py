"""Runs under settings of its own alone, which have the tables of before."""

import pytest
from django.apps import apps

from tests.revocation.legacy.old_world import in_force

collect_ignore_glob = [] if apps.is_installed("graphql_jwt.refresh_token") else ["test_*.py"]


@pytest.fixture(autouse=True)
def _upgraded(alice, settings):
    """Alice was there before the upgrade."""
    settings.REVOCATION = in_force()
