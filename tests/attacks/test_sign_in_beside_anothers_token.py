"""Who signs in while presenting somebody else's token is not that somebody, also after a save."""

import graphene
import pytest
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from revocation import sessions
from revocation.graphql import JSONWebTokenMutation
from schema.query import Query
from tests.client import PASSWORD


class SignIn(JSONWebTokenMutation):
    """Counts sign-ins, as projects did with django-graphql-jwt."""

    greeting = graphene.String()

    @classmethod
    def resolve(cls, root, info, **kwargs):
        info.context.user.first_name = "Seen"
        info.context.user.save()
        return cls(greeting=f"Hello {info.context.user.get_username()}")


class Mutation(graphene.ObjectType):
    sign_in = SignIn.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

SIGN_IN = f'mutation {{ signIn(username: "alice", password: "{PASSWORD}") {{ greeting }} }}'


@pytest.mark.parametrize("token", ["bobs", "garbage"])
def test_the_request_stays_that_of_whoever_signs_in(graphql, alice, make_user, token):
    bobs = sessions.open_session(make_user("bob")).access_token

    answer = graphql.bearing(bobs if token == "bobs" else token)(SIGN_IN)

    assert answer.data["signIn"] == {"greeting": "Hello alice"}
