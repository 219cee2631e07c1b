"""Ready mutation and query fields that any graphene schema can mount."""

from .mutations import (
    ChangePassword,
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
]
