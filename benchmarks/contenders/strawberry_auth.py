"""Strawberry with strawberry-django-auth: the GraphQL library people leave graphene for.

Of the packages that bring JSON Web Tokens to it, this is the one that is kept: it declares Django
5.2 and 6.0 and Python 3.14, where strawberry-django-jwt declares no Django after 4. Set up as
its documentation says: its middleware finds the user, its schema class hands it on, its mutations
sign in, refresh and revoke. It takes back refresh tokens only.

What is left open is read in the way that is fair to it: strawberry-django's own `IsAuthenticated`
rather than the package's `IsVerified`, which asks the database once more, and no optimizer, which
has nothing to optimize here.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import jwt
import strawberry
import strawberry_django
from django.conf import settings as django_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from gqlauth.core.middlewares import JwtSchema
from gqlauth.jwt.types_ import TokenPayloadType
from gqlauth.user import arg_mutations as mutations
from gqlauth.user.types_ import UserType
from strawberry import auto
from strawberry.django.views import GraphQLView
from strawberry_django.permissions import IsAuthenticated

from ..http import Environ
from ..models import Book
from ..tokens import Tokens
from .base import QUERIES, VERBS, Contender, graphql_body

# By default a nullable field is null for strangers, and says nothing.
SIGNED_IN = IsAuthenticated(fail_silently=False)


@strawberry_django.type(Book)
class BookType:
    """One of a hundred rows."""

    id: auto
    title: auto
    author: auto
    pages: auto
    year: auto


@strawberry.type
class Query:
    """The fields that are asked for here."""

    @strawberry_django.field(extensions=[SIGNED_IN])
    def me(self, info: strawberry.Info) -> UserType | None:
        """Return the user that the middleware found."""
        return info.context.request.user

    @strawberry_django.field(extensions=[SIGNED_IN])
    def books(self) -> list[BookType] | None:
        """Return every row, in one statement."""
        return Book.objects.order_by("pk")

    @strawberry_django.field
    def open_books(self) -> list[BookType]:
        """Return the same to everybody."""
        return Book.objects.order_by("pk")


@strawberry.type
class Mutation:
    """What the documentation mounts for signing in and out."""

    token_auth = mutations.ObtainJSONWebToken.field
    verify_token = mutations.VerifyToken.field
    refresh_token = mutations.RefreshToken.field
    revoke_token = mutations.RevokeToken.field


schema = JwtSchema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]


class StrawberryAuth(Contender):
    """The documented middleware at the end of those of a new project."""

    name = "strawberry-auth"
    summary = "strawberry-django with strawberry-django-auth, which takes back refresh tokens only"
    does = QUERIES | VERBS
    # The documentation's own prefix.
    scheme = "JWT"
    settings: ClassVar[Mapping[str, Any]] = {
        "ROOT_URLCONF": __name__,
        "MIDDLEWARE": [
            *django_settings.MIDDLEWARE,
            "gqlauth.core.middlewares.django_jwt_middleware",
        ],
    }

    sign_in_query = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token { token } refreshToken { token } }
}"""
    refresh_query = """mutation ($token: String!) {
  refreshToken(refreshToken: $token, revokeRefreshToken: true) {
    token { token } refreshToken { token }
  }
}"""
    logout_query = (
        """mutation ($token: String!) { revokeToken(refreshToken: $token) { success } }"""
    )
    access_at = ("token", "token")
    refresh_at = ("refreshToken", "token")
    logged_out_at = ("success",)

    def expired_token(self, user: Any) -> str:
        """Sign what the package would have signed an hour ago."""
        then = datetime.now(UTC) - timedelta(days=2)
        payload = TokenPayloadType(username=user.username, origIat=then, exp=then)
        return self._sign(payload)

    def logout_request(self, tokens: Tokens) -> Environ:
        """Name the refresh token; nobody is asked for the other."""
        return self.environ(graphql_body(self.logout_query, token=tokens.refresh))

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """Inside the middleware of a new project."""
        assert headers["Content-Type"].startswith("application/"), headers
        assert {"X-Frame-Options", "X-Content-Type-Options"} <= set(headers), headers

    @staticmethod
    def _sign(payload: TokenPayloadType) -> str:
        # The package keeps its payload as a text within the payload.
        text = json.dumps(payload.as_dict())
        return jwt.encode({"payload": text}, django_settings.SECRET_KEY, "HS256")
