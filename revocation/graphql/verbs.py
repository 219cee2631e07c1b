"""What each mutation does, whether it is written plain or for Relay.

A class has the fields of a payload, its arguments and one verb, `perform`; `mutations` and `relay`
give it a form, a name and a place.
"""

from typing import Any

import graphene
from django.contrib.auth import get_user_model
from graphene.types.generic import GenericScalar
from graphql import GraphQLResolveInfo as Info
from graphql_jwt import signals

from .. import cookies, guard, passwords, sessions
from ..conf import conf
from ..decorators import login_required, public
from ..errors import SessionNotFound
from ..keepalive import keep_alive
from ..occasions import OWNER, Reason, because
from ..written import jwt_setting
from . import stock
from .lasting import ending, lasting
from .presented import (
    ensure_nothing_left,
    kept_claims,
    note_successor,
    presented_claims,
    refresh_claims,
    verdict_on,
)
from .types import HidingTokens, TokenFields, describe, user_field


class SigningIn(TokenFields):
    """Name and password for the first tokens of a session."""

    user = user_field()

    @classmethod
    @lasting
    @public
    def perform(cls: Any, root: object, info: Info, *, password: str, **arguments: Any) -> Any:
        """Open a session. Raises `InvalidCredentials`, whatever was wrong, or `TooManyAttempts`."""
        request = info.context
        username = arguments.get(get_user_model().USERNAME_FIELD)
        user = passwords.authenticated(username, password, request=request)
        result = cls._resolve_as(user, root, info, **arguments)
        # As ever before there is a token: a receiver that raises refuses the sign-in.
        signals.token_issued.send(sender=cls, request=request, user=user)
        pair = sessions.open_session(user, request=request)
        cookies.keep(request, pair)
        for name, value in {"user": user, **describe(pair)}.items():
            setattr(result, name, value)
        return result

    @classmethod
    def _resolve_as(cls, user: Any, root: object, info: Info, **arguments: Any) -> Any:
        """Let `resolve` see the user as the request's, but not the entries of a batch after it."""
        caller, info.context.user = getattr(info.context, "user", None), user
        try:
            return cls.resolve(root, info, **arguments)  # type: ignore[attr-defined]
        finally:
            info.context.user = caller


class Verifying:
    """What a good access token says."""

    class Arguments:
        token = graphene.String()

    payload = GenericScalar(required=True)

    @classmethod
    @public
    def perform(cls: Any, root: object, info: Info, *, token: str | None = None) -> Any:
        """Judge the given token, or else the one the request presents."""
        return cls(payload=verdict_on(token, info.context).claims.payload)


class Refreshing(TokenFields):
    """New tokens for a session.

    The argument goes before the cookie. A refusal leaves the cookies alone: another tab may have
    been faster, and what the browser has by now is good.
    """

    class Arguments:
        refresh_token = graphene.String()
        token = graphene.String()

    @classmethod
    def Field(cls, *args: Any, **kwargs: Any) -> graphene.Field:  # noqa: N802
        """Mount the mutation with the argument of the mode that is set."""
        of_form: Any = cls
        is_long_running = jwt_setting("JWT_LONG_RUNNING_REFRESH_TOKEN")
        of_form.arguments().pop("token" if is_long_running else "refresh_token", None)
        return super().Field(*args, **kwargs)

    @classmethod
    @lasting
    @public
    def perform(cls: Any, root: object, info: Info, **given: Any) -> Any:
        """Rotate the session of a refresh token, or keep that of an access token alive.

        Raises `RefreshRejected`, or `Unauthenticated` for an access token.
        """
        request = info.context
        if conf().keep_alive:
            pair = keep_alive(verdict_on(given.get("token"), request).claims)
        else:
            claims = refresh_claims(given.get("refresh_token"), request)
            pair = sessions.rotate(claims, request=request)
            stock.announce_rotated(cls, request=request, pair=pair)
        cookies.keep(request, pair)
        signals.token_refreshed.send(sender=cls, request=request, user=pair.user)
        return cls(**describe(pair))


class Revoking:
    """The end of a refresh token, which is that of its session."""

    class Arguments:
        refresh_token = graphene.String()

    revoked = graphene.Int(required=True, description="Epoch seconds.")

    @classmethod
    @ending
    @public
    def perform(cls: Any, root: object, info: Info, *, refresh_token: str | None = None) -> Any:
        """End the session; once ended it stays so, and the first time is reported again."""
        claims = refresh_claims(refresh_token, info.context)
        with because(Reason.REVOKE_TOKEN, actor=OWNER, request=info.context):
            moment = sessions.end(claims)
        stock.announce_revoked(cls, request=info.context, claims=claims, moment=moment)
        return cls(revoked=int(moment.timestamp()))


class LoggingOut:
    """The end of every session the request presents a token of."""

    class Arguments:
        refresh_token = graphene.String()

    ok = graphene.Boolean(required=True)

    @classmethod
    @ending
    @public
    def perform(cls: Any, root: object, info: Info, *, refresh_token: str | None = None) -> Any:
        """End what can be ended: who has no session left is logged out as well.

        Raises `CookiesUnreadable` or `RevocationUnavailable` rather than to say so of a session
        that could not be read.
        """
        cookies.ensure_readable(info.context)
        claims = presented_claims(refresh_token, info.context)
        if claims:
            with because(Reason.LOGOUT, actor=OWNER, request=info.context):
                sessions.end(*claims)
        else:
            ensure_nothing_left(info.context)
        cookies.drop(info.context)
        return cls(ok=True)


class LoggingOutEverywhere:
    """The end of every session of the caller, or of all but the current one."""

    class Arguments:
        except_current = graphene.Boolean(default_value=False)

    ended = graphene.Int(required=True, description="How many sessions ended.")

    @classmethod
    @ending
    @login_required
    def perform(cls: Any, root: object, info: Info, *, except_current: bool = False) -> Any:
        """End the caller's sessions."""
        caller = guard.identify(info.context)
        kept = caller.claims.sid if except_current else None
        with because(Reason.LOGOUT_ALL, actor=OWNER, request=info.context):
            ended = sessions.end_all(caller.user, but=kept)
        if kept is None and any(one.sub == caller.claims.sub for one in kept_claims(info.context)):
            cookies.drop(info.context)
        return cls(ended=ended)


class RevokingSession:
    """The end of one of the caller's sessions."""

    class Arguments:
        id = graphene.ID(required=True)

    ok = graphene.Boolean(required=True)

    @classmethod
    @ending
    @login_required
    def perform(cls: Any, root: object, info: Info, *, id: str) -> Any:  # noqa: A002
        """End the session. Raises `SessionNotFound` for anybody else's."""
        user = guard.identify(info.context).user
        with because(Reason.REVOKE_SESSION, actor=OWNER, request=info.context):
            is_ended = sessions.end_by_id(id, user=user)
        if not is_ended:
            raise SessionNotFound
        return cls(ok=True)


class ChangingPassword(HidingTokens):
    """A new password; every other session ends, this one goes on with a new pair."""

    class Arguments:
        old_password = graphene.String(required=True)
        new_password = graphene.String(required=True)

    ok = graphene.Boolean(required=True)
    token = graphene.String()
    refresh_token = graphene.String()
    payload = GenericScalar(description="What the new access token says: the session has a new id.")

    @classmethod
    @ending
    @login_required
    def perform(cls: Any, root: object, info: Info, *, old_password: str, new_password: str) -> Any:
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
        return cls(
            ok=True,
            token=pair.access_token,
            refresh_token=pair.refresh_token,
            payload=pair.payload,
        )
