"""Failures outside the view (a foreign Host, a failing COMMIT), told in the endpoint's own way."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from .errors import bad_request as refused
from .errors import internal_error
from .negotiation import JSON, preferred
from .responses import respond, respond_refused

ENDPOINT = "/graphql"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself refuses (`handler400`)."""
    if not _asks_graphql(request):
        return defaults.bad_request(request, exception)
    return respond_refused(refused("The request was refused."), _media_type(request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what no view caught (`handler500`)."""
    error = sys.exc_info()[1]
    if error is None or not _asks_graphql(request):
        return defaults.server_error(request)
    answer = {"errors": [internal_error(error, where=request.path)]}
    return respond(answer, _media_type(request), status=500)


def _asks_graphql(request: HttpRequest) -> bool:
    return request.path_info.rstrip("/") == ENDPOINT


def _media_type(request: HttpRequest) -> str:
    return preferred(request.META.get("HTTP_ACCEPT")) or JSON
