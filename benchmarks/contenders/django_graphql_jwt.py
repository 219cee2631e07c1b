"""django-graphql-jwt as its documentation sets it up; it cannot take a token back."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import graphene
import graphql_jwt
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from graphql_jwt.decorators import login_required
from graphql_jwt.middleware import JSONWebTokenMiddleware
from graphql_jwt.shortcuts import get_token

from .. import stage
from .base import QUERIES, Contender
from .catalogue import all_books, books_field, current_user, me_field


class Query(graphene.ObjectType):
    """The documentation's `viewer`, by the name that is asked for here, and the lists."""

    me = me_field()
    books = books_field()
    open_books = books_field()

    resolve_me = login_required(current_user)
    resolve_books = login_required(all_books)
    resolve_open_books = all_books


class Mutation(graphene.ObjectType):
    """What the documentation adds to a root schema."""

    token_auth = graphql_jwt.ObtainJSONWebToken.Field()
    verify_token = graphql_jwt.Verify.Field()
    refresh_token = graphql_jwt.Refresh.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view()))]


class DjangoGraphQLJWT(Contender):
    """The middleware and the backend of the quick start, in a new project, with expiry verified."""

    name = "django-graphql-jwt"
    summary = "as documented, no revocation"
    does = QUERIES | {"sign-in", "refresh"}
    # The documentation's own prefix.
    scheme = "JWT"
    settings: ClassVar[Mapping[str, Any]] = {
        "ROOT_URLCONF": __name__,
        "GRAPHENE": {
            "SCHEMA": f"{__name__}.schema",
            "MIDDLEWARE": ["graphql_jwt.middleware.JSONWebTokenMiddleware"],
        },
        "AUTHENTICATION_BACKENDS": [
            "graphql_jwt.backends.JSONWebTokenBackend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        "GRAPHQL_JWT": {
            "JWT_VERIFY_EXPIRATION": True,
            "JWT_EXPIRATION_DELTA": stage.TOKEN_LIFETIME,
        },
    }

    def expired_token(self, user: Any) -> str:
        """Sign one with the library's own handler."""
        return get_token(user, exp=int(time.time()) - 3600)

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """The documented middleware and no other, inside the middleware of a new project."""
        view = GraphQLView()
        assert view.schema is self._schema(), view.schema
        assert [type(entry) for entry in view.middleware] == [JSONWebTokenMiddleware]
        assert headers["Content-Type"] == "application/json", headers
        assert {"X-Frame-Options", "X-Content-Type-Options"} <= set(headers), headers

    def _schema(self) -> graphene.Schema:
        return schema
