"""`/metrics`, for whoever knows the token; where none is set, there is no such page."""

from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .counting import is_on


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with everything that is counted (Prometheus text format, or OpenMetrics)."""
    if not is_on():
        raise Http404
    if not _knows_token(request):
        # RFC 6750, 3.
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    from .exposition import exposed

    content, content_type = exposed(request.headers.get("Accept", ""))
    return HttpResponse(content, content_type=content_type)


def _knows_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_right = compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    return is_right and scheme.lower() == "bearer"
