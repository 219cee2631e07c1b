"""Ready mutation and query fields that any graphene schema can mount.

The names of `graphql_jwt` are here too, so that `import revocation.graphql as graphql_jwt` does.
"""

from ..decorators import (
    login_required,
    permission_required,
    staff_member_required,
    superuser_required,
    user_passes_test,
)
from . import relay
from .mutations import (
    ChangePassword,
    DeleteJSONWebTokenCookie,
    DeleteRefreshTokenCookie,
    JSONWebTokenMutation,
    Logout,
    LogoutAll,
    Mutations,
    ObtainJSONWebToken,
    Refresh,
    Revoke,
    RevokeSession,
    Verify,
)
from .queries import SessionsQuery
from .types import Session

__all__ = [
    "ChangePassword",
    "DeleteJSONWebTokenCookie",
    "DeleteRefreshTokenCookie",
    "JSONWebTokenMutation",
    "Logout",
    "LogoutAll",
    "Mutations",
    "ObtainJSONWebToken",
    "Refresh",
    "Revoke",
    "RevokeSession",
    "Session",
    "SessionsQuery",
    "Verify",
    "login_required",
    "permission_required",
    "relay",
    "staff_member_required",
    "superuser_required",
    "user_passes_test",
]
