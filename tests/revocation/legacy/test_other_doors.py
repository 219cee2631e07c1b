"""A legacy token at doors beside our fields: REST framework, plain views, and stock code."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path
from graphql_jwt.backends import JSONWebTokenBackend
from graphql_jwt.exceptions import JSONWebTokenError
from graphql_jwt.shortcuts import get_user_by_token
from rest_framework.response import Response
from rest_framework.views import APIView

from api.urls import urlpatterns as api_urls
from revocation.contrib.graphql_jwt import HANDLERS
from revocation.contrib.rest_framework import AccessTokenAuthentication
from tests.client import LOGOUT, ME
from tests.revocation.legacy.old_world import access_token, simplejwt_token

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Who(APIView):
    authentication_classes = (AccessTokenAuthentication,)

    def get(self, request):
        return Response(request.user.get_username())


urlpatterns = [
    *api_urls,
    path("rest", Who.as_view()),
    path("plain", lambda request: HttpResponse(request.user.get_username() or "nobody")),
]


@pytest.mark.parametrize("issue", [access_token, simplejwt_token], ids=["graphql", "rest"])
def test_one_logout_ends_it_at_all_of_them(graphql, alice, issue):
    client = graphql.bearing(issue(alice))
    rest, plain = (
        lambda: client.http.get("/rest", headers=client.headers),
        lambda: client.http.get("/plain", headers=client.headers).content,
    )
    assert (rest().json(), plain()) == ("alice", b"alice")
    assert client(ME).data

    client(LOGOUT)

    assert (rest().status_code, plain()) == (401, b"nobody")
    assert client(ME).reason == "TOKEN_REVOKED"


def test_code_of_django_graphql_jwt_asks_the_same_guard(graphql, alice, token, settings):
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | HANDLERS
    request = RequestFactory().get("/", headers={"Authorization": f"JWT {token}"})
    assert get_user_by_token(token) == alice
    assert JSONWebTokenBackend().authenticate(request) == alice

    graphql.bearing(token)(LOGOUT)

    with pytest.raises(JSONWebTokenError):
        get_user_by_token(token)
    with pytest.raises(JSONWebTokenError):
        JSONWebTokenBackend().authenticate(request)
