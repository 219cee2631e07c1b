"""What services that share our tokens may read without asking us for each.

The public keys, and which sessions have ended.
"""

from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from .errors import RevocationUnavailable
from .keys import public_jwks
from .status_list import current_list

# A key that is about to sign is published this long before, and one that has signed its last token
# for as long as that lives.
JWKS_MAX_AGE_SECONDS = 300


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Serve the JSON Web Key Set of this API (RFC 7517, 8.5.1)."""
    response = JsonResponse(public_jwks())
    response.headers["Content-Type"] = "application/jwk-set+json"
    patch_cache_control(response, public=True, max_age=JWKS_MAX_AGE_SECONDS)
    return response


@transaction.non_atomic_requests
@require_safe
def status_list(request: HttpRequest, number: int) -> HttpResponseBase | None:
    """Serve a status list (draft-ietf-oauth-status-list, 8.2); 404 where there is none."""
    if "time" in request.GET:
        return _refuse(HTTPStatus.NOT_IMPLEMENTED)
    try:
        found = current_list(number)
    except RevocationUnavailable:
        return _refuse(HTTPStatus.SERVICE_UNAVAILABLE)
    if found is None:
        return _refuse(HTTPStatus.NOT_FOUND)
    response = HttpResponse(found.token, content_type="application/statuslist+jwt")
    response.headers["ETag"] = found.etag
    # No credentials count here, so pages of any origin may read it.
    response.headers["Access-Control-Allow-Origin"] = "*"
    max_age = found.max_age(timezone.now().timestamp())
    patch_cache_control(response, public=True, max_age=max_age)
    return get_conditional_response(request, etag=found.etag, response=response)


def _refuse(status: HTTPStatus) -> HttpResponse:
    response = HttpResponse(status.phrase, status=status, content_type="text/plain")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    return response
