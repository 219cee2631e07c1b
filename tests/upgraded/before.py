"""Refresh tokens as they were issued before the upgrade, and what is left of one."""

import warnings

from graphql_jwt.shortcuts import create_refresh_token
from rest_framework_simplejwt.tokens import RefreshToken

from tests.revocation.legacy.old_world import access_token


def opaque(user):
    """A row of `graphql_jwt.refresh_token`."""
    return create_refresh_token(user).get_token()


def of_simplejwt(user):
    """A token in the table of simplejwt's outstanding ones."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return str(RefreshToken.for_user(user))


def kept_alive(user):
    """An access token in the mode in which that is what is refreshed."""
    return access_token(user)


KINDS = {"opaque": opaque, "simplejwt": of_simplejwt, "keep-alive": kept_alive}
