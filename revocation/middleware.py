"""What surrounds a request: a lazy `request.user`, and revocations that no rollback undoes."""

from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import ReferenceType, ref

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from . import cookies, guard
from .errors import RevocationError
from .journal import Journal, open_journal

GetResponse = Callable[[HttpRequest], HttpResponse]


class RevocationMiddleware:
    """Put it after Django's `AuthenticationMiddleware`.

    `request.user` is the user of the access token; with a token that is refused, nobody; without a
    token, whoever Django's session says, or nobody where Django was not asked.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_token = guard.note_token(request)
        if has_token or not hasattr(request, "user"):
            _set_user(request)
        # Keeps django-graphql-jwt's backend, where it is left installed, from reading the token: a
        # form that asks for a password would take it instead.
        request._jwt_token_auth = True  # type: ignore[attr-defined]
        forget = partial(_forget_user, request)
        with open_journal(on_write=forget, request=request) as journal:
            response = self.get_response(request)
            refused = _replay(journal)
        if refused is None:
            cookies.write(request, response)
        else:
            response = refused
        if has_token or journal.has_written:
            response.headers["Cache-Control"] = "no-store"
        return response


class _TokenUser(SimpleLazyObject):  # type: ignore[type-arg]
    """The user of the request's token, asked for when somebody wants to know."""


def _set_user(request: HttpRequest) -> None:
    # Weakly: in a circle, all that belongs to a request would wait for the garbage collector.
    ask = partial(_user_of, ref(request), guard.presented(request))
    request.user = _TokenUser(ask)  # type: ignore[assignment]
    request.auser = partial(_ask_later, ask)


def _forget_user(request: HttpRequest) -> None:
    """Let the user be asked for anew: what was known before a write may have changed."""
    # By `type`: `isinstance` would ask the lazy object, and so the database.
    if type(getattr(request, "user", None)) is _TokenUser:
        _set_user(request)


def _user_of(asked: ReferenceType[HttpRequest], presented: Any) -> Any:
    request = asked()
    try:
        # Whoever asks when the request is gone is told what it proved.
        return guard.identify(presented if request is None else request).user
    except RevocationError:
        return AnonymousUser()


async def _ask_later(ask: Callable[[], Any]) -> Any:
    return await sync_to_async(ask)()


def _replay(journal: Journal) -> HttpResponse | None:
    """Return an error without tokens where what the response says could not be made true."""
    try:
        journal.replay()
    except RevocationError as error:
        body = {"errors": [{"message": str(error), "extensions": error.extensions}]}
        response = JsonResponse(body, status=503, headers={"Retry-After": "1"})
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response
    return None
