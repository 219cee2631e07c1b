"""Mutation fields. Each turns its arguments into one verb and the result into a payload."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info
from graphql_jwt import JSONWebTokenMutation as StockJSONWebTokenMutation
from graphql_jwt import mixins

from . import browser, verbs


class PlainMutation(graphene.Mutation):
    """A field whose arguments are those of its verb."""

    class Meta:
        abstract = True

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """Return the arguments, to be changed before the field is mounted."""
        found: dict[str, Any] = cls._meta.arguments
        return found

    @classmethod
    def mutate(cls, root: object, info: Info, **arguments: Any) -> Any:
        """Do what the verb says."""
        return cls.perform(root, info, **arguments)


class JSONWebTokenMutation(verbs.SigningIn, StockJSONWebTokenMutation):
    """Sign in. Subclass it and define `resolve` to add fields, as with django-graphql-jwt."""

    class Meta:
        abstract = True

    @classmethod
    def mutate(cls, root: object, info: Info, **arguments: Any) -> Any:
        """Do what the verb says."""
        return cls.perform(root, info, **arguments)


class ObtainJSONWebToken(mixins.ResolveMixin, JSONWebTokenMutation):
    """Sign in with name and password."""


class Verify(verbs.Verifying, PlainMutation):
    """Ask whether an access token would open a protected field now."""


class Refresh(verbs.Refreshing, PlainMutation):
    """Exchange a token for new ones."""


class Revoke(verbs.Revoking, PlainMutation):
    """End the session of a refresh token, under the name django-graphql-jwt has for it."""


class Logout(verbs.LoggingOut, PlainMutation):
    """End the session of every token the request presents: in header, argument and cookies."""


class LogoutAll(verbs.LoggingOutEverywhere, PlainMutation):
    """End every session of the caller, or all but the current one."""


class RevokeSession(verbs.RevokingSession, PlainMutation):
    """End one of the caller's sessions."""


class ChangePassword(verbs.ChangingPassword, PlainMutation):
    """Change the caller's password; every other session ends, this one goes on with a new pair."""


class DeleteJSONWebTokenCookie(browser.ForgettingAccessToken, PlainMutation):
    """Forget the access token in its cookie. To log out, call `logout`, which forgets both."""


class DeleteRefreshTokenCookie(browser.ForgettingRefreshToken, PlainMutation):
    """Forget the refresh token in its cookie."""


class Mutations(graphene.ObjectType):
    """Mix it into a root mutation to mount every field of this module."""

    token_auth = ObtainJSONWebToken.Field()
    verify_token = Verify.Field()
    refresh_token = Refresh.Field()
    revoke_token = Revoke.Field()
    logout = Logout.Field()
    logout_all = LogoutAll.Field()
    revoke_session = RevokeSession.Field()
    change_password = ChangePassword.Field()
    delete_token_cookie = DeleteJSONWebTokenCookie.Field()
    delete_refresh_token_cookie = DeleteRefreshTokenCookie.Field()
