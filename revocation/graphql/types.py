"""Object types and the pieces that several payloads share."""

from typing import Any

import graphene
from django.contrib.auth import get_user_model
from graphene.types.generic import GenericScalar
from graphene_django.registry import get_global_registry
from graphql import GraphQLResolveInfo as Info

from .. import guard, models
from ..issue import TokenPair
from ..written import jwt_setting


class Session(graphene.ObjectType):
    """One sign-in on one device."""

    id = graphene.ID(required=True)
    created_at = graphene.DateTime(required=True)
    last_used_at = graphene.DateTime(required=True, description="When it was last refreshed.")
    expires_at = graphene.DateTime(required=True)
    ip_address = graphene.String()
    user_agent = graphene.String()
    current = graphene.Boolean(required=True, description="Whether this request belongs to it.")

    @staticmethod
    def resolve_last_used_at(session: models.Session, info: Info) -> Any:
        """A session is used when its refresh token is rotated."""
        return session.rotated_at

    @staticmethod
    def resolve_user_agent(session: models.Session, info: Info) -> str | None:
        """Nothing was sent, nothing is shown."""
        return session.user_agent or None

    @staticmethod
    def resolve_current(session: models.Session, info: Info) -> bool:
        """Tell this session from the user's others."""
        return session.id == guard.identify(info.context).claims.sid


class HidingTokens:
    """A payload that leaves out the tokens nobody is to be given, by the settings."""

    _meta: Any

    @classmethod
    def Field(cls, *args: Any, **kwargs: Any) -> graphene.Field:  # noqa: N802
        """Mount the mutation."""
        # Not `conf`, which refuses unsafe settings: without a schema no check could say so.
        hidden = ("token", "refresh_token") if jwt_setting("JWT_HIDE_TOKEN_FIELDS") else ()
        # Who keeps a session alive by the access token alone is given no other.
        is_kept_alive = not jwt_setting("JWT_LONG_RUNNING_REFRESH_TOKEN")
        for name in hidden or ("refresh_token",) * is_kept_alive:
            cls._meta.fields.pop(name, None)
        return super().Field(*args, **kwargs)  # type: ignore[misc]


class TokenFields(HidingTokens):
    """What a payload says of a new token pair, under the names of django-graphql-jwt."""

    token = graphene.String(required=True)
    refresh_token = graphene.String(required=True)
    payload = GenericScalar(required=True)
    refresh_expires_in = graphene.Int(required=True, description="Epoch seconds, not a duration.")
    expires_at = graphene.DateTime(required=True)
    refresh_expires_at = graphene.DateTime(required=True)


def describe(pair: TokenPair) -> dict[str, Any]:
    """Return the values of `TokenFields` for a token pair."""
    return {
        "token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "payload": pair.payload,
        "refresh_expires_in": int(pair.refresh_expires_at.timestamp()),
        "expires_at": pair.access_expires_at,
        "refresh_expires_at": pair.refresh_expires_at,
    }


def user_field() -> graphene.Dynamic:
    """A field of whatever type the schema has for the user model; absent where it has none."""

    def mount() -> graphene.Field | None:
        user_type = get_global_registry().get_type_for_model(get_user_model())
        return user_type and graphene.Field(user_type)

    return graphene.Dynamic(mount)
