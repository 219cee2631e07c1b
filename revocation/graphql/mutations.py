"""Mutation fields. Each turns its arguments into one verb and the result into a payload."""

from typing import Any

import graphene
from django.contrib.auth import get_user_model
from graphene.types.generic import GenericScalar
from graphql import GraphQLResolveInfo as Info
from graphql_jwt import JSONWebTokenMutation as StockJSONWebTokenMutation
from graphql_jwt import mixins, signals

from .. import cookies, guard, passwords, sessions
from ..decorators import login_required
from ..errors import SessionNotFound, TokenMissing
from .browser import DeleteJSONWebTokenCookie, DeleteRefreshTokenCookie
from .presented import kept_claims, note_successor, presented_claims, refresh_claims
from .types import HidingTokens, TokenFields, describe, user_field


class JSONWebTokenMutation(TokenFields, StockJSONWebTokenMutation):
    """Sign in. Subclass it and define `resolve` to add fields, as with django-graphql-jwt."""

    class Meta:
        abstract = True

    user = user_field()

    @classmethod
    def mutate(cls, root: object, info: Info, password: str, **kwargs: Any) -> Any:
        """Open a session. Raises `InvalidCredentials`, whatever was wrong, or `TooManyAttempts`."""
        request = info.context
        username = kwargs.get(get_user_model().USERNAME_FIELD)
        user = passwords.authenticated(username, password, request=request)
        result = cls._resolve_as(user, root, info, **kwargs)
        # As ever before there is a token: a receiver that raises refuses the sign-in.
        signals.token_issued.send(sender=cls, request=request, user=user)
        pair = sessions.open_session(user, request=request)
        cookies.keep(request, pair)
        for name, value in {"user": user, **describe(pair)}.items():
            setattr(result, name, value)
        return result

    @classmethod
    def _resolve_as(cls, user: Any, root: object, info: Info, **kwargs: Any) -> Any:
        """Let `resolve` see the user as the request's, but not the entries of a batch after it."""
        caller, info.context.user = getattr(info.context, "user", None), user
        try:
            return cls.resolve(root, info, **kwargs)
        finally:
            info.context.user = caller


class ObtainJSONWebToken(mixins.ResolveMixin, JSONWebTokenMutation):
    """Sign in with name and password."""


class Verify(graphene.Mutation):
    """Ask whether an access token would open a protected field now."""

    class Arguments:
        token = graphene.String()

    payload = GenericScalar(required=True)

    @staticmethod
    def mutate(root: object, info: Info, token: str | None = None) -> "Verify":
        """Judge the given token, or else the one the request presents."""
        if token is None and not guard.has_token(info.context):
            raise TokenMissing("Token is required")
        text = guard.presented_token(info.context) if token is None else token
        return Verify(payload=guard.judge(text).claims.payload)


class Refresh(TokenFields, graphene.Mutation):
    """Exchange a refresh token for a new pair; no access token is asked for.

    The argument goes before the cookie. A refusal leaves the cookies alone: another tab may have
    been faster, and what the browser has by now is good.
    """

    class Arguments:
        refresh_token = graphene.String()

    @classmethod
    def mutate(cls, root: object, info: Info, refresh_token: str | None = None) -> "Refresh":
        """Rotate the session of the token. Raises `RefreshRejected`."""
        claims = refresh_claims(refresh_token, info.context)
        pair = sessions.rotate(claims, request=info.context)
        cookies.keep(info.context, pair)
        signals.token_refreshed.send(sender=cls, request=info.context, user=pair.user)
        return cls(**describe(pair))


class Revoke(graphene.Mutation):
    """End the session of a refresh token, under the name django-graphql-jwt has for it."""

    class Arguments:
        refresh_token = graphene.String()

    revoked = graphene.Int(required=True, description="Epoch seconds.")

    @staticmethod
    def mutate(root: object, info: Info, refresh_token: str | None = None) -> "Revoke":
        """End the session; once ended it stays so, and the first time is reported again."""
        claims = refresh_claims(refresh_token, info.context)
        return Revoke(revoked=int(sessions.end(claims).timestamp()))


class Logout(graphene.Mutation):
    """End the session of every token the request presents: in header, argument and cookies."""

    class Arguments:
        refresh_token = graphene.String()

    ok = graphene.Boolean(required=True)

    @staticmethod
    def mutate(root: object, info: Info, refresh_token: str | None = None) -> "Logout":
        """End what can be ended: who has no session left is logged out as well.

        Raises `CookiesUnreadable` rather than to say so of a session that could not be read.
        """
        cookies.ensure_readable(info.context)
        claims = presented_claims(refresh_token, info.context)
        if claims:
            sessions.end(*claims)
        cookies.drop(info.context)
        return Logout(ok=True)


class LogoutAll(graphene.Mutation):
    """End every session of the caller, or all but the current one."""

    class Arguments:
        except_current = graphene.Boolean(default_value=False)

    ended = graphene.Int(required=True, description="How many sessions ended.")

    @staticmethod
    @login_required
    def mutate(root: object, info: Info, except_current: bool = False) -> "LogoutAll":
        """End the caller's sessions."""
        caller = guard.identify(info.context)
        kept = caller.claims.sid if except_current else None
        ended = sessions.end_all(caller.user, but=kept)
        if kept is None and any(one.sub == caller.claims.sub for one in kept_claims(info.context)):
            cookies.drop(info.context)
        return LogoutAll(ended=ended)


class RevokeSession(graphene.Mutation):
    """End one of the caller's sessions."""

    class Arguments:
        id = graphene.ID(required=True)

    ok = graphene.Boolean(required=True)

    @staticmethod
    @login_required
    def mutate(root: object, info: Info, id: str) -> "RevokeSession":  # noqa: A002
        """End the session. Raises `SessionNotFound` for anybody else's."""
        if not sessions.end_by_id(id, user=guard.identify(info.context).user):
            raise SessionNotFound
        return RevokeSession(ok=True)


class ChangePassword(HidingTokens, graphene.Mutation):
    """Change the caller's password; every other session ends, this one goes on with a new pair."""

    class Arguments:
        old_password = graphene.String(required=True)
        new_password = graphene.String(required=True)

    ok = graphene.Boolean(required=True)
    token = graphene.String()
    refresh_token = graphene.String()
    payload = GenericScalar(description="What the new access token says: the session has a new id.")

    @staticmethod
    @login_required
    def mutate(root: object, info: Info, old_password: str, new_password: str) -> "ChangePassword":
        """Change it. Raises `InvalidCredentials`, `TooManyAttempts` or `PasswordRejected`."""
        caller = guard.identify(info.context)
        pair = passwords.change(
            caller.user,
            sid=caller.claims.sid,
            old_password=old_password,
            new_password=new_password,
            request=info.context,
        )
        note_successor(info.context, sid=caller.claims.sid, access_token=pair.access_token)
        if any(one.sid == caller.claims.sid for one in kept_claims(info.context)):
            cookies.keep(info.context, pair)
        return ChangePassword(
            ok=True,
            token=pair.access_token,
            refresh_token=pair.refresh_token,
            payload=pair.payload,
        )


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
