"""Servers and databases that the loads of this folder share."""

import pytest

from tests.databases import SQLiteFolder
from tests.live import create_template


@pytest.fixture(scope="package")
def sqlite_template(tmp_path_factory):
    """A SQLite database with every table and some users."""
    return create_template(SQLiteFolder(tmp_path_factory.mktemp("template")))
