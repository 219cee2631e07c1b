"""Mutation fields that only ask the browser to forget a cookie: no session ends."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from .. import cookies


class DeleteJSONWebTokenCookie(graphene.Mutation):
    """Forget the access token in its cookie. To log out, call `logout`, which forgets both."""

    deleted = graphene.Boolean(required=True, description="Whether the request had the cookie.")

    @staticmethod
    def mutate(root: object, info: Info) -> Any:
        """Forget it."""
        return DeleteJSONWebTokenCookie(deleted=cookies.drop_access_token(info.context))


class DeleteRefreshTokenCookie(graphene.Mutation):
    """Forget the refresh token in its cookie."""

    deleted = graphene.Boolean(required=True, description="Whether the request had the cookie.")

    @staticmethod
    def mutate(root: object, info: Info) -> Any:
        """Forget it."""
        return DeleteRefreshTokenCookie(deleted=cookies.drop_refresh_token(info.context))
