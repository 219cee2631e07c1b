"""What services that share our tokens may read without asking us for each: the public keys."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from .keys import key_ring, public_jwks

# A key that is about to sign is published this long before, and one that has signed its last token
# for as long as that lives.
JWKS_MAX_AGE_SECONDS = 300


def _etag(request: HttpRequest) -> str:
    """Name the keys that are published, and their order (RFC 9110, 8.8.3)."""
    kids = ",".join(key.kid for key in key_ring().published)
    return f'"{sha256(kids.encode()).hexdigest()[:32]}"'


@require_safe
# Also on 304, which must say what 200 would have (RFC 9110, 15.4.5).
@cache_control(public=True, max_age=JWKS_MAX_AGE_SECONDS)
@condition(etag_func=_etag)
def jwks(request: HttpRequest) -> HttpResponse:
    """Serve the JSON Web Key Set of this API (RFC 7517, 8.5.1)."""
    return JsonResponse(public_jwks(), content_type="application/jwk-set+json")
