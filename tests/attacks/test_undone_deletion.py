"""A user whose deletion was rolled back was not deleted, and must not be signed out."""

import graphene
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from schema.mutation import Mutation as ServedMutation
from schema.query import Query
from tests.client import ME


class Mutation(ServedMutation):
    delete_and_boom = graphene.String()
    try_to_delete = graphene.String()

    def resolve_delete_and_boom(root, info):
        get_user_model().objects.get(username="alice").delete()
        raise KeyError

    def resolve_try_to_delete(root, info):
        try:
            with transaction.atomic():
                Mutation.resolve_delete_and_boom(root, info)
        except KeyError:
            return "kept"


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def test_a_deletion_undone_with_its_request_signs_nobody_out(graphql, alice, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    tokens = graphql.sign_in()

    graphql("mutation { deleteAndBoom }")

    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}


def test_a_deletion_undone_by_its_caller_signs_nobody_out(graphql, alice):
    tokens = graphql.sign_in()

    assert graphql("mutation { tryToDelete }").data == {"tryToDelete": "kept"}

    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
