"""Users are saved before our tables are made, by other apps' migrations, say."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from revocation.models import RevokedToken, Session


@pytest.fixture
def _no_tables(transactional_db):
    with connection.schema_editor() as editor:
        for model in (RevokedToken, Session):
            editor.delete_model(model)
    yield
    with connection.schema_editor() as editor:
        for model in (RevokedToken, Session):
            editor.create_model(model)


@pytest.mark.usefixtures("_no_tables")
def test_nobody_is_kept_from_it():
    user = get_user_model().objects.create_user("alice")
    user.set_password("another one")
    user.username = "alicia"
    user.save()
    user.delete()

    assert not get_user_model().objects.exists()
