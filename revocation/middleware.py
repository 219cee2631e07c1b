"""What surrounds a request: a lazy `request.user`, and revocations that no rollback undoes."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from . import guard
from .errors import RevocationError
from .journal import Journal, open_journal

GetResponse = Callable[[HttpRequest], HttpResponse]


class RevocationMiddleware:
    """Put it after Django's `AuthenticationMiddleware`.

    `request.user` is the user of the access token; with a token that is refused, nobody; without a
    token, whoever Django's session says.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_token = guard.has_token(request)
        if not has_token:
            on_write: Callable[[], object] = bool
        else:
            on_write = lambda: _set_user(request)  # noqa: E731
            _set_user(request)
        with open_journal(on_write=on_write) as journal:
            response = _replay(journal, self.get_response(request))
        if has_token or journal.entries:
            response.headers["Cache-Control"] = "no-store"
        return response


def _set_user(request: HttpRequest) -> None:
    """Let the user be asked for anew: what was known before a write may have changed."""
    request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> Any:
    try:
        return guard.identify(request).user
    except RevocationError:
        return AnonymousUser()


def _replay(journal: Journal, response: HttpResponse) -> HttpResponse:
    """Return the response, or an error without tokens where what it says could not be made true."""
    try:
        journal.replay()
    except RevocationError as error:
        body = {"errors": [{"message": str(error), "extensions": error.extensions}]}
        response = JsonResponse(body, status=503)
        patch_vary_headers(response, ["Authorization"])
    return response
