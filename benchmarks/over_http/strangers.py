"""Who is measured in process, too, each behind granian in a project that has nothing of ours."""

import json
import secrets
import time
from typing import ClassVar

import jwt

from tests.servers.process import Server

from .. import libraries, stage
from ..contenders import is_installed
from ..tokens import Tokens
from .ground import TOKEN_SECONDS
from .python_servers import PythonServed
from .served import QUERIES


class Stranger(PythonServed):
    """A contender of the benchmarks in process, on SQLite."""

    application = "benchmarks.over_http.wsgi:application"
    contender: ClassVar[str]
    # What its documentation adds to the installed apps, and the package it needs.
    apps: ClassVar[tuple[str, ...]] = ()
    package: ClassVar[str] = ""

    @classmethod
    def missing(cls) -> str:
        """Return what to install; nothing if it is there."""
        if is_installed(cls.package):
            return ""
        return f"{cls.name} needs {cls.package}, which `make bench` installs."

    def environment(self) -> dict[str, str]:
        """Name the contender, and the settings it starts from."""
        return {
            **super().environment(),
            "DJANGO_SETTINGS_MODULE": "benchmarks.over_http.settings",
            "BENCHMARK_APPS": " ".join(self.apps),
            "BENCHMARK_CONTENDER": f"benchmarks.contenders.{self.contender}",
        }


class Floor(Stranger):
    """Nothing behind granian can be faster than this."""

    name = "floor"
    summary = "Django answering a constant, without middleware"
    is_protecting = False
    is_in_full = True
    contender = "floor.Floor"

    def sign_in(self) -> Tokens:
        """Send what the others are sent; nobody reads it."""
        return Tokens("any", "any")


class DjangoGraphQLJWT(Stranger):
    """It cannot take a token back."""

    name = "django-graphql-jwt"
    summary = "as documented, no revocation, on SQLite"
    does = QUERIES | {"sign-in", "refresh"}
    is_in_full = True
    scheme = "JWT"
    contender = "django_graphql_jwt.DjangoGraphQLJWT"


class DjangoGraphQLJWTOnPostgreSQL(DjangoGraphQLJWT):
    """The same on PostgreSQL."""

    name = "django-graphql-jwt-postgresql"
    summary = "the same, on PostgreSQL"
    is_in_full = False

    def database(self) -> str:
        """Return the URL of a database on PostgreSQL."""
        return self._ground.postgres_url()

    def backing(self) -> list[Server]:
        """It asks PostgreSQL."""
        return [self._ground.postgres]


class JWTBlacklist(Stranger):
    """Its logout adds the text of the token to a table."""

    name = "jwt-blacklist"
    summary = "django-graphql-jwt with the copied blacklist by token text, on SQLite"
    is_revoking = True
    scheme = "JWT"
    contender = "jwt_blacklist.JWTBlacklist"


class SimpleJWT(Stranger):
    """One signs in to it beside GraphQL."""

    name = "drf-simplejwt"
    summary = "Simple JWT with its blacklist app, which takes back refresh tokens only, on SQLite"
    contender = "simplejwt.SimpleJWT"
    package = "rest_framework_simplejwt"
    apps = ("rest_framework", *libraries.SIMPLE_JWT_APPS)

    def sign_in(self) -> Tokens:
        """Post name and password to the package's own view."""
        fields = {"username": stage.USERNAME, "password": stage.PASSWORD}
        answer = self.post(json.dumps(fields).encode(), path="/token")
        return Tokens(answer.json["access"], answer.json["refresh"])


class DRFBlacklist(Stranger):
    """The recipes begin after the sign-in."""

    name = "drf-blacklist"
    summary = "copied permission class, blacklist by token text, on SQLite"
    is_revoking = True
    contender = "drf_blacklist.DRFBlacklist"
    apps = ("rest_framework",)

    def sign_in(self) -> Tokens:
        """Sign a token as the recipes' sign-in views do."""
        claims = {"user_id": 1, "exp": int(time.time()) + TOKEN_SECONDS}
        token = jwt.encode({**claims, "jti": secrets.token_hex()}, self._ground.secret, "HS256")
        return Tokens(token, token)

    def revoke(self, token: str) -> None:
        """Log out by the view that the recipes have for it."""
        answer = self.post(b"{}", token, path="/logout")
        assert answer.status == 204, answer


class StrawberryAuth(Stranger):
    """It takes back refresh tokens only."""

    name = "strawberry-auth"
    summary = "Strawberry with strawberry-django-auth, on SQLite"
    scheme = "JWT"
    contender = "strawberry_auth.StrawberryAuth"
    package = "gqlauth"
    apps = tuple(libraries.GQL_AUTH_APPS)
    sign_in_query = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token { token } }
}"""
