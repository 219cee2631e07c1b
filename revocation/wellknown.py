"""What services that share our tokens may read without asking us for each.

The public keys, and which sessions have ended.
"""

from hashlib import sha256
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from .errors import RevocationUnavailable
from .keys import key_ring, public_jwks
from .status_list import current_list

# A key that is about to sign is published this long before, and one that has signed its last token
# for as long as that lives.
JWKS_MAX_AGE_SECONDS = 300


def _etag(request: HttpRequest) -> str:
    """Name what is published, and its order (RFC 9110, 8.8.3): the keys, and what each is for."""
    named = ",".join(f"{key.kid} {key.algorithm}" for key in key_ring().published)
    return f'"{sha256(named.encode()).hexdigest()[:32]}"'


@require_safe
# Also on 304, which must say what 200 would have (RFC 9110, 15.4.5).
@cache_control(public=True, max_age=JWKS_MAX_AGE_SECONDS)
@condition(etag_func=_etag)
def jwks(request: HttpRequest) -> HttpResponse:
    """Serve the JSON Web Key Set of this API (RFC 7517, 8.5.1)."""
    return JsonResponse(public_jwks(), content_type="application/jwk-set+json")


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
