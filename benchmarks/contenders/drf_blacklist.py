"""The answer people copy: a Django REST Framework permission that looks the token's text up.

The well-known recipes leave three things open, and each is read here the way that is fair to them:

- *What is served.* The same GraphQL query as everywhere, through the usual wrapping of
  graphene-django's view in `api_view`; a REST endpoint would do less than the others do.
- *Who authenticates.* A permission class alone loads nobody. With it goes the usual authentication
  class: verify with PyJWT, load the user by primary key. No graphene middleware: the view has
  already let the request in.
- *How the table is asked.* By `exists()`, the leanest of the copies, on an indexed column. Others
  load the row and catch `DoesNotExist`.
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import graphene
import jwt
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.urls import path
from graphene_django.views import GraphQLView
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_204_NO_CONTENT

from .. import stage
from ..http import Application, ask
from ..models import BlackListedToken
from .base import Contender
from .catalogue import all_books, books_field, current_user, me_field
from .drf_view import behind_permissions

ALGORITHM = "HS256"


class JWTAuthentication(BaseAuthentication):
    """`Authorization: Bearer`, verified with PyJWT."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        """Return the user and the text of the token."""
        header = get_authorization_header(request).split()
        if len(header) != 2 or header[0].lower() != b"bearer":
            return None
        token = header[1].decode()
        try:
            payload = jwt.decode(token, django_settings.SECRET_KEY, algorithms=[ALGORITHM])
            user = get_user_model().objects.get(pk=payload["user_id"])
        except (jwt.InvalidTokenError, get_user_model().DoesNotExist) as error:
            raise AuthenticationFailed from error
        if not user.is_active:
            raise AuthenticationFailed
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """Let refusals be 401."""
        return "Bearer"


class IsTokenValid(BasePermission):
    """Asks the blacklist by the text of the token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the token was not logged out."""
        blacklisted = BlackListedToken.objects.filter(user=request.user.id, token=request.auth)
        return not blacklisted.exists()


class Query(graphene.ObjectType):
    """The permission classes have let the request in; nothing is asked again."""

    me = me_field()
    books = books_field()

    resolve_me = current_user
    resolve_books = all_books


@api_view(["POST"])
@authentication_classes([JWTAuthentication])
@permission_classes([IsAuthenticated, IsTokenValid])
def log_out(request: Request) -> Response:
    """Keep the text of the token."""
    BlackListedToken.objects.create(token=request.auth, user=request.user)
    return Response(status=HTTP_204_NO_CONTENT)


schema = graphene.Schema(query=Query)
urlpatterns = [
    path("graphql", behind_permissions([JWTAuthentication], [IsAuthenticated, IsTokenValid])),
    path("logout", log_out),
]


class DRFBlacklist(Contender):
    """A new project with the copied permission in front of graphene-django's view."""

    name = "drf-blacklist"
    summary = "copied permission class, blacklist by token text"
    is_revoking = True
    # Whoever may ask the view may ask all of it, and the recipes begin after the sign-in.
    does: ClassVar[frozenset[str]] = frozenset({"me", "books", "aliases"})
    settings: ClassVar[Mapping[str, Any]] = {
        "ROOT_URLCONF": __name__,
        "GRAPHENE": {"SCHEMA": f"{__name__}.schema"},
    }

    def sign_in(self, application: Application, user: Any) -> str:
        """Sign a token as the recipes' sign-in views do."""
        return self._sign(user, exp=time.time() + stage.TOKEN_LIFETIME.total_seconds())

    def expired_token(self, user: Any) -> str:
        """Sign a token that has had its time."""
        return self._sign(user, exp=time.time() - 3600)

    def revoke(self, application: Application, token: str) -> None:
        """Log out by the view that the recipes have for it."""
        answer = ask(application, self.post("/logout", b"{}", token))
        assert answer.status == 204, answer

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """No graphene middleware, inside the middleware of a new project."""
        view = GraphQLView()
        assert view.schema is schema
        assert view.middleware == []
        assert {"Allow", "X-Frame-Options", "X-Content-Type-Options"} <= set(headers), headers

    @staticmethod
    def _sign(user: Any, *, exp: float) -> str:
        # Without an id, two tokens of one second are one text and are logged out together.
        payload = {"user_id": user.pk, "exp": int(exp), "jti": secrets.token_hex()}
        return jwt.encode(payload, django_settings.SECRET_KEY, ALGORITHM)
