"""A write that cannot be made again costs the request its answer, and undoes no other write.

Whoever stole a refresh token could otherwise try it unpunished, beside a registration.
"""

import graphene
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from revocation import sessions
from schema.mutation import Mutation as ServedMutation
from schema.query import Query
from tests.client import ME


class Mutation(ServedMutation):
    register = graphene.String()

    def resolve_register(root, info):
        user = get_user_model().objects.create_user("newcomer")
        return sessions.open_session(user, request=info.context).access_token


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def test_the_reused_token_ends_its_session(graphql, alice, settings, monkeypatch):
    settings.REVOCATION = {"GRACE_SECONDS": 0}
    stolen = graphql.sign_in()
    newest = graphql.refresh(stolen)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    graphql(
        "mutation ($token: String) { register refreshToken(refreshToken: $token) { token } }",
        token=stolen.refresh,
    )

    assert graphql.bearing(newest)(ME).reason == "TOKEN_REVOKED"
