"""Root query fields."""

import graphene
from django.contrib.auth.base_user import AbstractBaseUser

import revocation
from revocation.decorators import login_required, public
from revocation.graphql import SessionsQuery
from revocation.guard import identify

from .types import User


class Query(SessionsQuery, graphene.ObjectType):
    """What can be read."""

    version = graphene.String(required=True, description="The release of this API.")
    me = graphene.Field(User, description="Who the access token says one is.")

    @staticmethod
    @public
    def resolve_version(root: object, info: graphene.ResolveInfo) -> str:
        """Tell the release to anybody."""
        return revocation.__version__

    @staticmethod
    @login_required
    def resolve_me(root: object, info: graphene.ResolveInfo) -> AbstractBaseUser:
        """Return the user of the access token."""
        return identify(info.context).user
