"""A user whom a rollback took back is nobody, also when the next one is given the same primary key.

SQLite takes its sequence back as well. A user created without a password, as for single sign-on,
has an empty one, as the next such user has.
"""

import graphene
import pytest
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from revocation import sessions
from schema.mutation import Mutation as ServedMutation
from schema.query import Query
from tests.attacks.interleaving import in_between
from tests.client import ME


class Mutation(ServedMutation):
    join = graphene.String()
    boom = graphene.String()

    def resolve_join(root, info):
        user = get_user_model().objects.create(username="undone")
        return sessions.open_session(user, request=info.context).access_token

    def resolve_boom(root, info):
        raise KeyError


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def test_the_session_does_not_become_the_next_users(graphql, settings, monkeypatch):
    settings.MIDDLEWARE = [*configured.MIDDLEWARE, "tests.attacks.interleaving.interleave"]
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    in_between.append(lambda: get_user_model().objects.create(username="heir"))

    answer = graphql("mutation { join boom }")

    token = (answer.body.get("data") or {}).get("join")
    assert token is None or graphql.bearing(token)(ME).body["data"] == {"me": None}
