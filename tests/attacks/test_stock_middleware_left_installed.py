"""What django-graphql-jwt left in a project's settings must not let a revoked token in again."""

import graphene
import pytest
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from graphql_jwt.decorators import login_required as stock_login_required
from graphql_jwt.middleware import JSONWebTokenMiddleware

from revocation import sessions
from revocation.tokens import read_access
from schema.mutation import Mutation


class Query(graphene.ObjectType):
    who = graphene.String()
    secret = graphene.String()

    def resolve_who(root, info):
        return info.context.user.get_username()

    @stock_login_required
    def resolve_secret(root, info):
        return "the-protected-value"


schema = graphene.Schema(query=Query, mutation=Mutation)
stock = JSONWebTokenMiddleware()
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema, middleware=[stock])))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def revoked(graphql, alice, settings):
    """A client with a revoked token, sent in the way django-graphql-jwt expects it."""
    settings.AUTHENTICATION_BACKENDS = [
        "graphql_jwt.backends.JSONWebTokenBackend",
        "django.contrib.auth.backends.ModelBackend",
    ]
    token = sessions.open_session(alice).access_token
    sessions.end(read_access(token))
    graphql.headers["Authorization"] = f"JWT {token}"
    return graphql


def test_its_user_is_nobody(revoked):
    assert revoked("{ who }").body["data"] == {"who": ""}


def test_a_field_under_the_stock_decorator_is_refused(revoked):
    assert revoked("{ secret }").body["data"] == {"secret": None}
