"""The GraphiQL page, for browsers that open the endpoint."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from .negotiation import GRAPHQL, HTML, JSON, preferred

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Vary": "Accept",
}


def is_wanted(request: HttpRequest) -> bool:
    """Whether a GET prefers a page to data; `?raw` always means data."""
    if not settings.GRAPHIQL:
        return False
    accept = request.META.get("HTTP_ACCEPT")
    return preferred(accept, (JSON, GRAPHQL, HTML)) == HTML and "raw" not in request.GET


def page() -> HttpResponse:
    """Return the page. What it runs is in static files: nothing in it is written per request."""
    return HttpResponse(render_to_string("api/graphiql.html"), headers=HEADERS)
