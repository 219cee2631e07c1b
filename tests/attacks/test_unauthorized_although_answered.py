"""A batch of which one entry was refused and another was answered, with nothing to say.

A client reads 401 as "nothing was done" and sends the batch again, mutations and all.
"""

import graphene
import pytest
from django.urls import path

from api.view import GraphQLView
from revocation.graphql import LogoutAll
from schema.query import Query

done = []


class Note(graphene.Mutation):
    """Does something, and answers nothing, as a nullable payload may."""

    ok = graphene.Boolean()

    @staticmethod
    def mutate(root, info):
        done.append(info.path)


class Mutation(graphene.ObjectType):
    note = Note.Field()
    logout_all = LogoutAll.Field()


urlpatterns = [path("graphql", GraphQLView(graphene.Schema(query=Query, mutation=Mutation)))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def strict(settings):
    settings.REVOCATION = settings.REVOCATION | {"STRICT_401": True}
    done.clear()


@pytest.mark.parametrize("answered", ["mutation { note { ok } }", "{ version @skip(if: true) }"])
def test_a_batch_that_was_answered_in_part_is_no_401(graphql, answered):
    response = graphql.post([{"query": "{ me { username } }"}, {"query": answered}])

    assert "errors" not in response.body[1]
    assert response.status == 200


def test_a_field_that_was_executed_and_answered_nothing_is_no_401(graphql):
    response = graphql("mutation { note { ok } logoutAll { ended } }")

    assert response.body["data"] == {"note": None, "logoutAll": None}
    assert response.status == 200


def test_a_batch_refused_whole_is_one(graphql):
    assert graphql.post([{"query": "{ me { username } }"}] * 2).status == 401
