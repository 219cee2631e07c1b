"""The loops of docs/migrating-blacklist-model.md, over such a table."""

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, models

from revocation import sessions
from revocation.stores.database import DatabaseStore
from tests.client import ME
from tests.docs.examples import examples, run
from tests.revocation.legacy.old_world import access_token, in_force

pytestmark = pytest.mark.django_db(transaction=True)

BY_TEXT, BY_USER = examples("migrating-blacklist-model.md", "Rows that are still live")


class BlacklistedToken(models.Model):
    token = models.TextField()
    # No foreign key: other tests, which know nothing of this table, delete users.
    user = models.IntegerField(null=True)

    class Meta:
        app_label = "copied_around"

    def __str__(self):
        return str(self.pk)


@pytest.fixture
def table(db):
    with connection.schema_editor() as editor:
        editor.create_model(BlacklistedToken)
    yield BlacklistedToken.objects
    with connection.schema_editor() as editor:
        editor.delete_model(BlacklistedToken)


def bring_along(source):
    run(source, BlacklistedToken=BlacklistedToken, User=get_user_model())


def test_each_text_that_is_a_token_is_revoked_however_often_one_runs_it(
    table, graphql, alice, capsys
):
    gone, kept = sessions.open_session(alice), sessions.open_session(alice)
    table.create(token="garbage")
    table.create(token=gone.access_token)

    for _ in range(2):
        bring_along(BY_TEXT)

    assert graphql.bearing(gone.access_token)(ME).reason == "TOKEN_REVOKED"
    assert graphql.bearing(kept.access_token)(ME).data
    said = capsys.readouterr().out
    assert said.count("no token that our keys signed") == 2
    assert gone.access_token not in said


def test_one_that_cannot_be_revoked_now_is_told_and_the_next_is_tried(
    table, alice, capsys, monkeypatch
):
    for _ in range(2):
        table.create(token=sessions.open_session(alice).access_token)

    def fail(*_, **__):
        raise OperationalError("gone")

    monkeypatch.setattr(DatabaseStore, "revoke", fail)
    bring_along(BY_TEXT)

    assert capsys.readouterr().out.count("Nothing was revoked") == 2


def test_where_rows_name_users_all_of_theirs_is_ended(table, graphql, alice, make_user):
    of_alice, of_bob = sessions.open_session(alice), sessions.open_session(make_user("bob"))
    table.create(token="a digest", user=alice.pk)

    bring_along(BY_USER)

    assert graphql.bearing(of_alice.access_token)(ME).reason == "TOKEN_REVOKED"
    assert graphql.bearing(of_bob.access_token)(ME).data


class TestTokensFromBeforeTheUpgrade:
    @pytest.fixture(autouse=True)
    def _accepted(self, settings):
        settings.REVOCATION = in_force()

    @pytest.mark.parametrize("ending", ["", "="])
    def test_a_text_is_revoked_with_every_other_spelling_of_it(self, table, graphql, alice, ending):
        gone, kept = access_token(alice), access_token(alice, device="laptop")
        table.create(token=gone)

        bring_along(BY_TEXT)

        assert graphql.bearing(gone + ending)(ME).reason == "TOKEN_REVOKED"
        assert graphql.bearing(kept)(ME).data

    def test_a_row_that_names_its_user_ends_what_nobody_has_seen(self, table, graphql, alice):
        gone = access_token(alice)
        table.create(token="a jti", user=alice.pk)

        bring_along(BY_USER)

        assert graphql.bearing(gone)(ME).reason == "TOKEN_REVOKED"
