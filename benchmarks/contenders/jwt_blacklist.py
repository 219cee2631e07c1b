"""django-graphql-jwt with the blacklist that people copy around: by the text of the token.

What is passed from answer to answer is a table of texts, a mutation that adds the request's own,
and a decorator below `login_required` that looks the text up. It is read here in the way that is
fair to it:

- *How the table is asked.* By `exists()` on the indexed column; others load the row.
- *How often.* Once per protected field, as the decorator does. Nothing in the copies remembers the
  answer for the request.
- *Two sign-ins of one second.* django-graphql-jwt gives both the same text, so that one logout ends
  both. Its documented payload handler is where an `jti` is added, and that is done here.
"""

import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar

import graphene
import graphql_jwt
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from graphql_jwt.decorators import login_required
from graphql_jwt.exceptions import JSONWebTokenError
from graphql_jwt.utils import get_http_authorization, jwt_payload

from ..http import Application, ask
from ..models import BlackListedToken
from ..tokens import Tokens
from .base import QUERIES, VERBS
from .catalogue import all_books, books_field, current_user, me_field
from .django_graphql_jwt import DjangoGraphQLJWT


def payload_with_id(user: Any, context: Any = None) -> dict[str, Any]:
    """Make each token another text."""
    return {**jwt_payload(user, context), "jti": secrets.token_hex(16)}


def not_blacklisted(resolver: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a token whose text is on the blacklist."""

    @wraps(resolver)
    def wrapper(root: Any, info: graphene.ResolveInfo, **arguments: Any) -> Any:
        token = get_http_authorization(info.context)
        if BlackListedToken.objects.filter(token=token).exists():
            raise JSONWebTokenError("Token has been blacklisted")
        return resolver(root, info, **arguments)

    return wrapper


class Query(graphene.ObjectType):
    """The same fields, with the second decorator."""

    me = me_field()
    books = books_field()
    open_books = books_field()

    resolve_me = login_required(not_blacklisted(current_user))
    resolve_books = login_required(not_blacklisted(all_books))
    resolve_open_books = all_books


class Logout(graphene.Mutation):
    """Adds the token of the request to the table."""

    ok = graphene.Boolean(required=True)

    @login_required
    def mutate(self, info: graphene.ResolveInfo) -> "Logout":
        """Keep the text."""
        token = get_http_authorization(info.context)
        BlackListedToken.objects.get_or_create(token=token, user=info.context.user)
        return Logout(ok=True)


class Mutation(graphene.ObjectType):
    """What the documentation adds to a root schema, and the logout."""

    token_auth = graphql_jwt.ObtainJSONWebToken.Field()
    verify_token = graphql_jwt.Verify.Field()
    refresh_token = graphql_jwt.Refresh.Field()
    logout = Logout.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view()))]


class JWTBlacklist(DjangoGraphQLJWT):
    """The quick start's project, with a table and a decorator more."""

    name = "jwt-blacklist"
    summary = "django-graphql-jwt with the copied blacklist by token text"
    does = QUERIES | VERBS
    is_revoking = True
    # Its refresh reads a token and no table: the token that was logged out brings a new one.
    is_ending_sessions = False
    settings: ClassVar[Mapping[str, Any]] = {
        **DjangoGraphQLJWT.settings,
        "ROOT_URLCONF": __name__,
        "GRAPHENE": {**DjangoGraphQLJWT.settings["GRAPHENE"], "SCHEMA": f"{__name__}.schema"},
        "GRAPHQL_JWT": {
            **DjangoGraphQLJWT.settings["GRAPHQL_JWT"],
            "JWT_PAYLOAD_HANDLER": f"{__name__}.payload_with_id",
        },
    }

    def revoke(self, application: Application, token: str) -> None:
        """Log out by the mutation."""
        answer = ask(application, self.logout_request(Tokens(token, token)))
        assert self.is_logged_out(answer), answer

    def _schema(self) -> graphene.Schema:
        return schema
