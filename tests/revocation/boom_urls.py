"""The schema with neighbours that misbehave, behind graphene-django's own view."""

import graphene
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.constants import MUTATION_ERRORS_FLAG
from graphene_django.views import GraphQLView

from revocation.decorators import login_required
from schema.mutation import Mutation as ServedMutation
from schema.query import Query
from tests.client import PASSWORD


class Mutation(ServedMutation):
    boom = graphene.String()
    break_transaction = graphene.String()
    rename_and_boom = graphene.String()
    register = graphene.String()
    who_am_i = graphene.String()
    checked = graphene.String()

    def resolve_boom(root, info):
        """Fail in both ways that graphene-django rolls back for."""
        setattr(info.context, MUTATION_ERRORS_FLAG, True)
        raise KeyError("boom")

    def resolve_break_transaction(root, info):
        """Fail as a save with a duplicate key does: Django then refuses every further statement."""
        setattr(info.context, MUTATION_ERRORS_FLAG, True)
        if connection.in_atomic_block:
            transaction.set_rollback(True)
        raise IntegrityError("duplicate key")

    def resolve_rename_and_boom(root, info):
        get_user_model().objects.update(first_name="Renamed")
        Mutation.resolve_boom(root, info)

    def resolve_register(root, info):
        get_user_model().objects.create_user("newcomer", password=PASSWORD)

    def resolve_who_am_i(root, info):
        return info.context.user.username

    @login_required
    def resolve_checked(root, info):
        return "checked"


class DatabaseFillsUp:
    """Middleware: once the view's transaction is over, the database takes no more writes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        refuse_writes(request.headers["X-Table"])
        return response


REFUSE = {
    "sqlite": "BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    "postgresql": "FOR EACH ROW EXECUTE FUNCTION refuse_write()",
    "mysql": "FOR EACH ROW SIGNAL SQLSTATE 'HY000' "
    "SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'disk full'",
}
REFUSE_WRITE = """
CREATE OR REPLACE FUNCTION refuse_write() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'disk full' USING ERRCODE = 'disk_full'; END $$
"""


def refuse_writes(table):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(REFUSE_WRITE)
        for verb in ("INSERT", "UPDATE"):
            trigger = f"CREATE TRIGGER refuse_{verb} BEFORE {verb} ON {table}"
            cursor.execute(f"{trigger} {REFUSE[connection.vendor]}")


def accept_writes():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS refuse_write CASCADE")
            return
        for verb in ("INSERT", "UPDATE"):
            cursor.execute(f"DROP TRIGGER IF EXISTS refuse_{verb}")


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]
