"""Token revocation (RFC 7009) and token introspection (RFC 7662), for configured clients."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .. import blacklist, sessions
from ..claims import AccessClaims, RefreshClaims
from ..conf import conf
from ..errors import RefreshRejected, RevocationUnavailable, Unauthenticated
from ..legacy.access import read_legacy_access
from ..legacy.refresh import read_legacy_refresh
from ..occasions import Reason, because
from ..tokens import read_access, read_refresh
from .clients import ClientError, authenticated, required
from .introspection import introspected

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="revocation", charset="UTF-8"'}

Answer = Callable[[str], dict[str, Any] | None]


def _for_clients(answer: Answer) -> Callable[[HttpRequest], HttpResponse]:
    """Turn what is to be said about a token into a view."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponse:
        if not conf().oauth_clients:
            raise Http404
        response = _answered(answer, request)
        response.headers["Cache-Control"] = "no-store"
        return response

    return view


def _answered(answer: Answer, request: HttpRequest) -> HttpResponse:
    try:
        client = authenticated(request)
        token = required(request, "token")
        # A service is no user.
        with because(Reason.OAUTH_REVOCATION, request=request, client=client):
            said = answer(token)
    except ClientError as refused:
        status, headers = (401, _CHALLENGE) if refused.is_unauthorized else (400, {})
        return JsonResponse({"error": refused.error}, status=status, headers=headers)
    except RevocationUnavailable:
        # The client must take the token for as good as it was (RFC 7009, 2.2.1).
        unavailable = {"error": "temporarily_unavailable"}
        return JsonResponse(unavailable, status=503, headers={"Retry-After": "1"})
    return HttpResponse() if said is None else JsonResponse(said)


@_for_clients
def introspect(token: str) -> dict[str, Any]:
    """Say whether a protected field would be opened, or a pair handed out, for this token."""
    return introspected(token)


@_for_clients
def revoke(token: str) -> None:
    """Revoke an access token, or end the session of a refresh token (RFC 7009, 2.1).

    A legacy token ends its session, whichever it is. A text that is none of these is no error:
    there is nothing left to revoke.
    """
    try:
        blacklist.revoke_token(read_access(token))
    except Unauthenticated:
        if (ending := _ending(token)) is not None:
            sessions.end(ending)


def _ending(token: str) -> AccessClaims | RefreshClaims | None:
    """Return what says whose session a token ends, if it ends one."""
    with suppress(RefreshRejected):
        # Its access tokens may live longer than it.
        return read_refresh(token, is_expired_ok=True)
    with suppress(Unauthenticated):
        return read_legacy_access(token, is_ending=True)
    with suppress(RefreshRejected):
        return read_legacy_refresh(token, is_ending=True)
    return None
