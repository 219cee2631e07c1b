"""Verbs that only ask the browser to forget a cookie: no session ends."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from .. import cookies
from ..decorators import public


class ForgettingAccessToken:
    """A browser that forgets the access token in its cookie."""

    deleted = graphene.Boolean(required=True, description="Whether the request had the cookie.")

    @classmethod
    @public
    def perform(cls: Any, root: object, info: Info) -> Any:
        """Forget it."""
        return cls(deleted=cookies.drop_access_token(info.context))


class ForgettingRefreshToken:
    """A browser that forgets the refresh token in its cookie."""

    deleted = graphene.Boolean(required=True, description="Whether the request had the cookie.")

    @classmethod
    @public
    def perform(cls: Any, root: object, info: Info) -> Any:
        """Forget it."""
        return cls(deleted=cookies.drop_refresh_token(info.context))
