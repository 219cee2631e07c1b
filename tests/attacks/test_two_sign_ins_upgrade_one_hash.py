"""Two sign-ins of one user at once may both hash the password anew; both must hold."""

import graphene
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from revocation.graphql import JSONWebTokenMutation
from schema.mutation import Mutation as ServedMutation
from schema.query import Query
from tests.client import ME, PASSWORD, SIGN_IN, GraphQLClient

OLD, NEW = (
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
)
in_between = []


class SignIn(JSONWebTokenMutation):
    @classmethod
    def resolve(cls, root, info, **kwargs):
        """Run where another worker may: after the password was accepted, before the session."""
        while in_between:
            in_between.pop()()
        return cls()


class Mutation(ServedMutation):
    sign_in = SignIn.Field()
    boom = graphene.String()

    def resolve_boom(root, info):
        raise KeyError


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def _interleaving():
    in_between.clear()
    yield
    in_between.clear()


@pytest.fixture
def earlier(graphql, alice, settings):
    """Tokens of a session from before the hasher changed."""
    settings.PASSWORD_HASHERS = [OLD, NEW]
    alice.password = make_password(PASSWORD)
    alice.save()
    tokens = graphql.sign_in()
    settings.PASSWORD_HASHERS = [NEW, OLD]
    return tokens


@pytest.mark.usefixtures("earlier")
def test_the_sign_in_that_is_overtaken_holds(graphql, alice):
    in_between.append(GraphQLClient(Client()).sign_in)
    answer = graphql(SIGN_IN.replace("tokenAuth", "signIn"), username="alice", password=PASSWORD)

    token = answer.data["signIn"]["token"]
    assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}


def test_an_upgrade_that_is_rolled_back_signs_nobody_out(graphql, earlier, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    answer = graphql(
        SIGN_IN.rstrip().removesuffix("}") + " boom }", username="alice", password=PASSWORD
    )

    later = answer.body["data"]["tokenAuth"]["token"]
    for token in (earlier, later):
        assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}
    assert authenticate(username="alice", password=PASSWORD).password.startswith("pbkdf2")
