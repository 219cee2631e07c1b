"""A COMMIT that reports success can have committed nothing: the transaction was gone before it.

PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement failed, and says so
to nobody; SQLite and MariaDB drop a transaction on some errors and commit an empty one. Django runs
its on-commit hooks all the same. A neighbour that swallows such an error must not undo a logout
that was acknowledged.
"""

import graphene
import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from revocation import guard, sessions
from schema.mutation import Mutation as ServedMutation
from schema.query import Query
from tests.client import ME, PASSWORD, SIGN_IN

NEW_PASSWORD = "an entirely different one"

UNDOING_ERRORS = {
    "sqlite": "INSERT OR ROLLBACK INTO auth_group (id, name) VALUES (1, 'taken')",
    # Any error does.
    "postgresql": "INSERT INTO auth_group (id, name) VALUES (1, 'taken')",
    # What the victim of a deadlock is told, and what was done to it before.
    "mysql": "BEGIN NOT ATOMIC ROLLBACK; "
    "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'deadlock'; END",
}


class Mutation(ServedMutation):
    swallow_error = graphene.String()
    end_and_roll_back = graphene.String()
    close_connection = graphene.String()

    def resolve_swallow_error(root, info):
        """Fail with an error that rolls the whole transaction back."""
        Group.objects.create(pk=1, name="taken")
        try:
            with connection.cursor() as cursor:
                cursor.execute(UNDOING_ERRORS[connection.vendor])
        except DatabaseError:
            return "swallowed"

    def resolve_end_and_roll_back(root, info):
        """End sessions, then go back to a savepoint that Django's atomic blocks know nothing of."""
        savepoint = transaction.savepoint()
        sessions.end_all(guard.identify(info.context).user)
        transaction.savepoint_rollback(savepoint)
        return "ended"

    def resolve_close_connection(root, info):
        connection.close()
        return "closed"


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture(params=["ATOMIC_REQUESTS", "ATOMIC_MUTATIONS"], autouse=True)
def _atomic(request, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, request.param, True)


@pytest.mark.parametrize(
    "mutation",
    [
        "mutation { logout { ok } swallowError }",
        "mutation { logoutAll { ended } swallowError }",
        "mutation { endAndRollBack }",
        "mutation { logout { ok } closeConnection }",
    ],
)
def test_an_acknowledged_logout_holds(graphql, alice, mutation):
    tokens = graphql.sign_in()

    answer = graphql.bearing(tokens)(mutation)

    assert "errors" not in answer.body
    assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"


def test_an_acknowledged_sign_in_holds(graphql, alice):
    answer = graphql(and_swallow(SIGN_IN), username="alice", password=PASSWORD)

    token = answer.data["tokenAuth"]["token"]
    assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}


def test_an_acknowledged_change_of_password_holds(graphql, alice):
    tokens = graphql.sign_in()

    graphql.bearing(tokens)(
        "mutation ($old: String!, $new: String!) "
        "{ changePassword(oldPassword: $old, newPassword: $new) { ok } swallowError }",
        old=PASSWORD,
        new=NEW_PASSWORD,
    )

    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)


def and_swallow(mutation):
    return mutation.rstrip().removesuffix("}") + " swallowError }"
