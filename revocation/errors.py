"""Every refusal this library can answer with.

Each class has a stable `code` and `reason` for clients and a sentence a user may read. Nothing
secret goes into a message: evidence stays on the exception, for the caller that raised it.
"""

import logging
from contextlib import AbstractContextManager
from datetime import timedelta
from math import ceil
from typing import Any, ClassVar

from django.db import Error as AnyDatabaseError
from graphql_jwt.exceptions import JSONWebTokenError, JSONWebTokenExpired
from graphql_jwt.exceptions import PermissionDenied as JSONWebTokenPermissionDenied

from . import signals

logger = logging.getLogger("revocation")


class RevocationError(JSONWebTokenError):
    """Base of every refusal; `except graphql_jwt.exceptions.JSONWebTokenError` still catches it."""

    code: ClassVar[str]
    reason: ClassVar[str]
    message: str

    def __init__(self, message: str | None = None) -> None:
        # graphql-core shows the attribute rather than the text of the exception.
        self.message = message or self.message
        super().__init__(self.message)

    @property
    def extensions(self) -> dict[str, Any]:
        """What graphql-core copies to `errors[].extensions` (GraphQL spec, 7.1.2)."""
        return {"code": self.code, "reason": self.reason}


class Unauthenticated(RevocationError):
    """The request does not prove who is asking."""

    code = "UNAUTHENTICATED"


class TokenMissing(Unauthenticated):
    """No access token was presented."""

    reason = "TOKEN_MISSING"
    message = "You do not have permission to perform this action"


class TokenInvalid(Unauthenticated):
    """The text is no access token that this deployment signed."""

    reason = "TOKEN_INVALID"
    message = "Invalid token"


class TokenExpired(Unauthenticated, JSONWebTokenExpired):
    """The access token was good and its `exp` has passed (RFC 7519, 4.1.4)."""

    reason = "TOKEN_EXPIRED"
    message = "Signature has expired"


class TokenRevoked(Unauthenticated):
    """The access token, its session or the password behind it is no longer in force."""

    reason = "TOKEN_REVOKED"
    message = "Token has been revoked"


class UserInactive(Unauthenticated):
    """The access token names a user who was deactivated or deleted."""

    reason = "USER_INACTIVE"
    message = "User is disabled"


class PermissionDenied(RevocationError, JSONWebTokenPermissionDenied):
    """The user is known and may not do this."""

    code = "FORBIDDEN"
    reason = "PERMISSION_DENIED"
    message = "You do not have permission to perform this action"


class InvalidCredentials(RevocationError):
    """Wrong name, wrong password, unknown or inactive user: one answer for all of them."""

    code = "INVALID_CREDENTIALS"
    reason = "INVALID_CREDENTIALS"
    message = "Please enter valid credentials"


class TooManyAttempts(RevocationError):
    """So many wrong passwords came that not even a right one is looked at for a while."""

    code = "TOO_MANY_REQUESTS"
    reason = "RATE_LIMITED"
    message = "Too many attempts, retry later"

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.retry_after = max(1, ceil(wait.total_seconds()))

    @property
    def extensions(self) -> dict[str, Any]:
        """With `retryAfter`, in whole seconds."""
        return {**super().extensions, "retryAfter": self.retry_after}


class RefreshRejected(RevocationError):
    """The refresh token cannot be exchanged; sign in again (RFC 6749, 5.2: `invalid_grant`)."""

    code = "REFRESH_REJECTED"


class RefreshMissing(RefreshRejected):
    """No refresh token was given."""

    reason = "REFRESH_MISSING"
    message = "Refresh token is required"


class RefreshInvalid(RefreshRejected):
    """The text is no refresh token that this deployment signed."""

    reason = "REFRESH_INVALID"
    message = "Invalid refresh token"


class RefreshExpired(RefreshRejected):
    """The refresh token was good and its `exp` has passed."""

    reason = "REFRESH_EXPIRED"
    message = "Refresh token is expired"


class RefreshReused(RefreshRejected):
    """A refresh token came back after it had been rotated and the grace window had closed."""

    reason = "REFRESH_REUSED"
    message = "Invalid refresh token"


class SessionEnded(RefreshRejected):
    """The session of the refresh token is over, or was never committed."""

    reason = "SESSION_ENDED"
    message = "Invalid refresh token"


class RefreshUserInactive(RefreshRejected):
    """The refresh token names a user who was deactivated or deleted."""

    reason = "USER_INACTIVE"
    message = "User is disabled"


class RevocationUnavailable(RevocationError):
    """The verdict cannot be known, or a revocation cannot be stored, right now."""

    code = "SERVICE_UNAVAILABLE"
    reason = "REVOCATION_UNAVAILABLE"
    message = "Service unavailable, retry later"


class SessionNotFound(RevocationError):
    """The id names none of the caller's sessions."""

    code = "NOT_FOUND"
    reason = "SESSION_NOT_FOUND"
    message = "Session not found"


class PasswordRejected(RevocationError):
    """The new password does not pass the project's `AUTH_PASSWORD_VALIDATORS`."""

    code = "BAD_USER_INPUT"
    reason = "PASSWORD_REJECTED"
    message = "This password is not accepted"


class CookiesUnreadable(RevocationError):
    """In cookie mode: a cookie in the header is not ASCII, and the server read none of them."""

    code = "BAD_REQUEST"
    reason = "COOKIES_UNREADABLE"
    message = "The cookies cannot be read: one of them has a character beyond ASCII in it"


class CrossSiteRequest(RevocationError):
    """In cookie mode: a page of a foreign origin may have made the browser send this."""

    code = "BAD_REQUEST"


class ForeignOrigin(CrossSiteRequest):
    """The `Origin` is neither this host's own nor one of `CORS_ALLOWED_ORIGINS`."""

    reason = "ORIGIN_NOT_ALLOWED"
    message = "Requests from this origin are not allowed"


class PreflightMissing(CrossSiteRequest):
    """The browser may have sent this without asking first (Fetch, "CORS-preflight fetch")."""

    reason = "PREFLIGHT_REQUIRED"
    message = (
        "Send a non-empty Apollo-Require-Preflight or X-Apollo-Operation-Name header, "
        "or Content-Type: application/json"
    )


class _RefusingWhenUnavailable(AbstractContextManager[None]):
    # Without a generator: a protected request passes here, and those cost more than the rest of it.
    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, AnyDatabaseError):
            logger.error("The database did not answer", exc_info=error)
            signals.store_failed.send_robust(sender=None, store="database")
            raise RevocationUnavailable from error


_refusing = _RefusingWhenUnavailable()


def refusing_when_unavailable() -> AbstractContextManager[None]:
    """Turn whatever a database cannot do into `RevocationUnavailable`; the log has the cause."""
    return _refusing
