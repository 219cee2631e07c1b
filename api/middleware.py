"""Failures around the view (a foreign Host, a failing COMMIT), told in the endpoint's own way."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from revocation.errors import RevocationUnavailable
from revocation.signals import store_failed

from .endpoint import is_endpoint
from .errors import bad_request, internal_error
from .negotiation import HTML, JSON, preferred
from .responses import respond, respond_refused

logger = logging.getLogger(__name__)


class GraphQLFailuresMiddleware:
    """Put it first: a client of the endpoint gets GraphQL JSON where Django would send a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            response.status_code >= HTTPStatus.BAD_REQUEST
            and _is_page(response)
            and is_endpoint(request)
        ):
            return _restate(response.status_code, request)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what the view cannot catch: a transaction around it that fails to begin or end."""
        if not is_endpoint(request):
            return None
        is_away = isinstance(error, OperationalError | InterfaceError)
        return _unavailable(error, request) if is_away else _failed(error, request)


def _restate(status: int, request: HttpRequest) -> HttpResponse:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _failed(None, request)
    refused = bad_request("The request was refused before it was read.", status=status)
    return respond_refused(refused, _media_type(request))


def _unavailable(error: Exception, request: HttpRequest) -> HttpResponse:
    logger.error("The database did not answer at=%s", request.path, exc_info=error)
    store_failed.send_robust(sender=None, store="database")
    refusal = RevocationUnavailable()
    answer = {"errors": [{"message": str(refusal), "extensions": refusal.extensions}]}
    return respond(answer, _media_type(request), status=503, headers={"Retry-After": "1"})


def _failed(error: Exception | None, request: HttpRequest) -> HttpResponse:
    answer = {"errors": [internal_error(error, where=request.path)]}
    return respond(answer, _media_type(request), status=500)


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith((HTML, "text/plain"))


def _media_type(request: HttpRequest) -> str:
    return preferred(request.META.get("HTTP_ACCEPT")) or JSON
