"""What services that share our tokens may read without asking us for each: the public keys."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from .keys import public_jwks

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
