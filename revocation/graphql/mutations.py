"""Mutation fields. Each turns its arguments into one verb and the result into a payload."""

from contextlib import suppress
from typing import Any

import graphene
import graphql_jwt
from django.contrib.auth import authenticate, get_user_model
from graphene.types.generic import GenericScalar
from graphql import GraphQLResolveInfo as Info
from graphql_jwt import mixins, signals

from .. import guard, passwords, sessions
from ..claims import AccessClaims, RefreshClaims
from ..decorators import login_required
from ..errors import (
    InvalidCredentials,
    RefreshMissing,
    RefreshRejected,
    SessionNotFound,
    TokenMissing,
    Unauthenticated,
    refusing_when_unavailable,
)
from ..tokens import read_access, read_refresh
from .types import HidingTokens, TokenFields, describe, user_field


class JSONWebTokenMutation(TokenFields, graphql_jwt.JSONWebTokenMutation):
    """Sign in. Subclass it and define `resolve` to add fields, as with django-graphql-jwt."""

    class Meta:
        abstract = True

    user = user_field()

    @classmethod
    def mutate(cls, root: object, info: Info, password: str, **kwargs: Any) -> Any:
        """Open a session. Raises `InvalidCredentials`: one answer whatever was wrong."""
        request = info.context
        user = _authenticate(request, kwargs.get(get_user_model().USERNAME_FIELD), password)
        result = cls._resolve_as(user, root, info, **kwargs)
        pair = sessions.open_session(user, request=request)
        for name, value in {"user": user, **describe(pair)}.items():
            setattr(result, name, value)
        signals.token_issued.send(sender=cls, request=request, user=user)
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
    """Exchange a refresh token for a new pair; whatever else the request presents is not asked."""

    class Arguments:
        refresh_token = graphene.String()

    @classmethod
    def mutate(cls, root: object, info: Info, refresh_token: str | None = None) -> "Refresh":
        """Rotate the session of the token. Raises `RefreshRejected`."""
        claims = read_refresh(_required(refresh_token))
        pair = sessions.rotate(claims, request=info.context)
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
        claims = read_refresh(_required(refresh_token))
        return Revoke(revoked=int(sessions.end(claims).timestamp()))


class Logout(graphene.Mutation):
    """End the session of the access token, and that of the refresh token if one is given."""

    class Arguments:
        refresh_token = graphene.String()

    ok = graphene.Boolean(required=True)

    @staticmethod
    def mutate(root: object, info: Info, refresh_token: str | None = None) -> "Logout":
        """End what can be ended: who has no session left is logged out as well."""
        claims = _session_claims(info.context, refresh_token)
        if claims:
            sessions.end(*claims)
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
        return LogoutAll(ended=sessions.end_all(caller.user, but=kept))


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

    @staticmethod
    @login_required
    def mutate(root: object, info: Info, old_password: str, new_password: str) -> "ChangePassword":
        """Change it. Raises `InvalidCredentials` or `PasswordRejected`."""
        caller = guard.identify(info.context)
        pair = passwords.change(
            caller.user,
            sid=caller.claims.sid,
            old_password=old_password,
            new_password=new_password,
            request=info.context,
        )
        return ChangePassword(ok=True, token=pair.access_token, refresh_token=pair.refresh_token)


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
    delete_token_cookie = graphql_jwt.DeleteJSONWebTokenCookie.Field()
    delete_refresh_token_cookie = graphql_jwt.DeleteRefreshTokenCookie.Field()


def _authenticate(request: Any, username: str | None, password: str) -> Any:
    # Tells django-graphql-jwt's backend, where it is installed, that the password decides and not
    # whatever token the request presents.
    request._jwt_token_auth = True
    if "\x00" in (username or ""):
        # No database holds such a name, and some refuse to be asked.
        raise InvalidCredentials
    with refusing_when_unavailable(), passwords.holding_rehash():
        checked = passwords.stored_hash(username)
        user = authenticate(request=request, username=username, password=password)
    # Some backends let anybody in, and leave it to others to ask whether the user is active.
    if user is None or not user.is_active:
        raise InvalidCredentials
    passwords.follow_rehash(user, password=password, checked=checked)
    return user


def _required(refresh_token: str | None) -> str:
    if refresh_token is None:
        raise RefreshMissing
    return refresh_token


def _session_claims(request: Any, refresh_token: str | None) -> list[AccessClaims | RefreshClaims]:
    """Return the claims that name a session, expired or not; garbage names none."""
    found: list[AccessClaims | RefreshClaims] = []
    with suppress(Unauthenticated):
        found.append(read_access(guard.presented_token(request), is_expired_ok=True))
    with suppress(RefreshRejected):
        found.append(read_refresh(refresh_token or "", is_expired_ok=True))
    return found
