"""Simple JWT with its blacklist app, as its documentation sets them up.

The app keeps a row for every refresh token and blacklists refresh tokens alone: whoever logged out
goes on with the access token until it expires. What the documentation leaves open is read as
follows:

- *What is served.* The same GraphQL query as everywhere, through the usual wrapping of
  graphene-django's view in `api_view`; sign-in, refresh and logout are the package's own views.
- *What happens at a refresh.* The token is rotated and the old one blacklisted, which is what the
  app is for; by default it would be used again and again.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import graphene
from django.urls import path
from graphene_django.views import GraphQLView
from rest_framework.permissions import IsAuthenticated
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import AccessToken
from rest_framework_simplejwt.views import (
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
)

from .. import stage
from ..http import Answer, Environ
from ..tokens import Tokens
from .base import VERBS, Contender
from .catalogue import all_books, books_field, current_user, me_field
from .drf_view import behind_permissions


class Query(graphene.ObjectType):
    """The permission class has let the request in; nothing is asked again."""

    me = me_field()
    books = books_field()

    resolve_me = current_user
    resolve_books = all_books


schema = graphene.Schema(query=Query)
urlpatterns = [
    path("graphql", behind_permissions([JWTAuthentication], [IsAuthenticated])),
    path("token", TokenObtainPairView.as_view()),
    path("token/refresh", TokenRefreshView.as_view()),
    path("token/blacklist", TokenBlacklistView.as_view()),
]


class SimpleJWT(Contender):
    """A new project with the package's authentication class in front of graphene-django's view."""

    name = "drf-simplejwt"
    summary = "with its blacklist app, which takes back refresh tokens only"
    does: ClassVar[frozenset[str]] = VERBS | {"me", "books", "aliases"}
    settings: ClassVar[Mapping[str, Any]] = {
        "ROOT_URLCONF": __name__,
        "GRAPHENE": {"SCHEMA": f"{__name__}.schema"},
    }

    def expired_token(self, user: Any) -> str:
        """Sign one with the package's own class."""
        token = AccessToken.for_user(user)
        token.set_exp(lifetime=timedelta(hours=-1))
        return str(token)

    def sign_in_request(self) -> Environ:
        """Post name and password, as JSON."""
        return self._post("/token", username=stage.USERNAME, password=stage.PASSWORD)

    def refresh_request(self, tokens: Tokens) -> Environ:
        """Post the refresh token."""
        return self._post("/token/refresh", refresh=tokens.refresh)

    def logout_request(self, tokens: Tokens) -> Environ:
        """Post the refresh token to where it is blacklisted."""
        return self._post("/token/blacklist", refresh=tokens.refresh)

    def tokens_of(self, answer: Answer) -> Tokens:
        """Read them from the top of the answer."""
        return Tokens(answer.at("access") or "", answer.at("refresh") or "")

    def is_logged_out(self, answer: Answer) -> bool:
        """An empty answer says so."""
        return answer.status == 200 and answer.json == {}

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """No graphene middleware, inside the middleware of a new project."""
        view = GraphQLView()
        assert view.schema is schema
        assert view.middleware == []
        assert {"Allow", "X-Frame-Options", "X-Content-Type-Options"} <= set(headers), headers

    def _post(self, path: str, **fields: str) -> Environ:
        return self.post(path, json.dumps(fields).encode())
