"""The same fields for Relay: one `input`, and a `clientMutationId` that comes back."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info
from graphql_jwt import mixins
from graphql_jwt.relay import JSONWebTokenMutation as StockJSONWebTokenMutation

from . import browser, verbs


class RelayMutation(graphene.ClientIDMutation):
    """A field whose input is what its verb asks for."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        """Take the arguments of the verb as the input."""
        if "Input" not in cls.__dict__:
            cls.Input = getattr(cls, "Arguments", None)
        super().__init_subclass_with_meta__(**options)

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """Return the fields of the input, to be changed before the field is mounted."""
        found: dict[str, Any] = cls.Input._meta.fields
        return found

    @classmethod
    def mutate_and_get_payload(
        cls, root: object, info: Info, client_mutation_id: str | None = None, **arguments: Any
    ) -> Any:
        """Do what the verb says."""
        return cls.perform(root, info, **arguments)


class JSONWebTokenMutation(verbs.SigningIn, StockJSONWebTokenMutation):
    """Sign in. Subclass it and define `resolve` to add fields, as with django-graphql-jwt."""

    class Meta:
        abstract = True

    @classmethod
    def mutate_and_get_payload(cls, root: object, info: Info, **arguments: Any) -> Any:
        """Do what the verb says."""
        return cls.perform(root, info, **arguments)


class ObtainJSONWebToken(mixins.ResolveMixin, JSONWebTokenMutation):
    """Sign in with name and password."""


class Verify(verbs.Verifying, RelayMutation):
    """Ask whether an access token would open a protected field now."""


class Refresh(verbs.Refreshing, RelayMutation):
    """Exchange a token for new ones."""


class Revoke(verbs.Revoking, RelayMutation):
    """End the session of a refresh token, under the name django-graphql-jwt has for it."""


class Logout(verbs.LoggingOut, RelayMutation):
    """End the session of every token the request presents: in header, input and cookies."""


class LogoutAll(verbs.LoggingOutEverywhere, RelayMutation):
    """End every session of the caller, or all but the current one."""


class RevokeSession(verbs.RevokingSession, RelayMutation):
    """End one of the caller's sessions."""


class ChangePassword(verbs.ChangingPassword, RelayMutation):
    """Change the caller's password; every other session ends, this one goes on with a new pair."""


class DeleteJSONWebTokenCookie(browser.ForgettingAccessToken, RelayMutation):
    """Forget the access token in its cookie. To log out, call `logout`, which forgets both."""


class DeleteRefreshTokenCookie(browser.ForgettingRefreshToken, RelayMutation):
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
