"""Django REST framework: the same guard, so that one logout ends REST and GraphQL alike."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    PermissionDenied,
)
from rest_framework.request import Request
from rest_framework.response import Response

from .. import errors, guard
from ..claims import AccessClaims

# Who is refused with one of these may sign in, or refresh; the code says which.
_UNAUTHORIZED = (errors.Unauthenticated, errors.InvalidCredentials, errors.RefreshRejected)
_STATUSES = {
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "TOO_MANY_REQUESTS": 429,
    "SERVICE_UNAVAILABLE": 503,
}


class AccessTokenAuthentication(BaseAuthentication):
    """Put it first in `DEFAULT_AUTHENTICATION_CLASSES`.

    `request.user` is the user of the access token and `request.auth` its claims. Without a token
    the next class is asked; with one that is refused, none.
    """

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, AccessClaims] | None:
        """Return who the request is. Raises `AuthenticationFailed`, or a 503 when in doubt."""
        # The one inside the wrapper is what the middleware and other views have asked about.
        if not guard.has_token(request._request):
            return None
        try:
            identity = guard.identify(request._request)
            user = identity.user
        except errors.RevocationError as refusal:
            raise as_api_exception(refusal) from refusal
        return user, identity.claims

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750, 3)."""
        return 'Bearer error="invalid_token"' if guard.has_token(request._request) else "Bearer"


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal with its code and reason: for `REST_FRAMEWORK["EXCEPTION_HANDLER"]`.

    Also those of our verbs that a view lets pass, and REST framework's own two.
    """
    if isinstance(exc, errors.RevocationError):
        exc = as_api_exception(exc)
        if isinstance(exc, AuthenticationFailed):
            # Whatever the view asks about, or if it asks about nothing: a 401 has a challenge.
            exc.auth_header = AccessTokenAuthentication().authenticate_header(context["request"])
    elif isinstance(exc, NotAuthenticated):
        exc.detail = _explained(str(exc.detail), errors.TokenMissing())
    elif isinstance(exc, PermissionDenied):
        exc.detail = _explained(str(exc.detail), errors.PermissionDenied())
    # Views, once imported, want the class above, which settings name: it must be there first.
    from rest_framework import views

    return views.exception_handler(exc, context)


def as_api_exception(refusal: errors.RevocationError) -> APIException:
    """Return REST framework's exception for a refusal, with code and reason beside its sentence."""
    detail = _explained(str(refusal), refusal)
    if isinstance(refusal, _UNAUTHORIZED):
        return AuthenticationFailed(detail)
    exception = APIException(detail)
    exception.status_code = _STATUSES.get(refusal.code, 400)
    if exception.status_code == 503:  # noqa: PLR2004
        exception.wait = 1
    elif isinstance(refusal, errors.TooManyAttempts):
        exception.wait = refusal.retry_after
    return exception


def _explained(sentence: str, refusal: errors.RevocationError) -> dict[str, str]:
    return {"detail": sentence, "code": refusal.code, "reason": refusal.reason}
