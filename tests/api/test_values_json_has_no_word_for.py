"""A value that cannot be told fails its own request, and no other that came with it."""

import graphene
import pytest
from django.urls import path
from graphene.types.generic import GenericScalar

from api.view import GraphQLView

UNTELLABLE = {"object": object(), "set": {1}, "bytes": b"1", "key": {(1,): 1}}
VERSION = {"query": "{ version }"}


class Query(graphene.ObjectType):
    version = graphene.String()
    value = GenericScalar(name=graphene.String())

    def resolve_version(root, info):
        return "1"

    def resolve_value(root, info, name):
        return UNTELLABLE[name]


urlpatterns = [path("graphql", GraphQLView.as_view(graphene.Schema(query=Query)))]


@pytest.fixture
def post(http, settings):
    settings.ROOT_URLCONF = __name__
    return http.post


def asking_for(name):
    return {"query": f'{{ value(name: "{name}") }}'}


@pytest.mark.parametrize("name", UNTELLABLE)
def test_alone_it_is_an_error_of_ours(post, name):
    response = post(asking_for(name))

    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


@pytest.mark.parametrize("name", UNTELLABLE)
def test_in_a_batch_the_others_are_whole(post, name):
    response = post([VERSION, asking_for(name), VERSION])
    first, failed, last = response.json()

    assert response.status_code == 200
    assert first == last == {"data": {"version": "1"}}
    assert failed["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "data" not in failed
