"""The endpoint's way through Django's middleware: past what serves pages alone.

Sessions, forms and messages are for the admin. A request of the endpoint has none of them, and
would pay for each being looked for. What Django says of every answer alike is asked of it once.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from .headers import ReadyHeaders
from .health import HealthMiddleware

ENDPOINT = "/graphql"

# Whether a request is let in (HTTPS, the Host) they decide for the endpoint as for pages.
_ADMITTING = (SecurityMiddleware, CommonMiddleware)
# These headers depend on nothing but the scheme.
_SETTING_HEADERS = (SecurityMiddleware, XFrameOptionsMiddleware)
_FOR_PAGES = (
    AuthenticationMiddleware,
    CsrfViewMiddleware,
    HealthMiddleware,
    MessageMiddleware,
    SessionMiddleware,
    WhiteNoiseMiddleware,
)
_PASSED = frozenset((*_ADMITTING, *_SETTING_HEADERS, *_FOR_PAGES))

# What they decide by, and of how much of it they need not be asked again.
_Asked = tuple[bool, str | None, str]
_MOST_ADMITTED = 128

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def is_endpoint(request: HttpRequest) -> bool:
    """Whether a request is one of GraphQL, whatever becomes of it."""
    return request.path_info.rstrip("/") == ENDPOINT


class EndpointMiddleware:
    """Put it directly before Django's own middleware, which the endpoint then passes by.

    It passes whatever follows up to the first that is not known here, a subclass included; that
    and all behind it, view and exception hooks too, are the endpoint's as they are any page's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._passed: list[Any] = []
        self._answer = get_response
        # Django wraps each middleware in a function, and says so as `functools.wraps` does.
        while type(passed := getattr(self._answer, "__wrapped__", None)) in _PASSED:
            self._passed.append(passed)
            self._answer = passed.get_response
        self._admitting = [one.process_request for one in self._passed if type(one) in _ADMITTING]
        self._headers: dict[bool, ReadyHeaders] = {}
        self._admitted: set[_Asked] = set()
        setting_changed.connect(self._forget)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_endpoint(request):
            return self.get_response(request)
        asked = request.is_secure(), request.META.get("HTTP_HOST"), request.path
        turned_away = None if asked in self._admitted else self._admit(request, asked)
        return self._finish(turned_away or self._answer(request), request, is_secure=asked[0])

    def _admit(self, request: HttpRequest, asked: _Asked) -> HttpResponseBase | None:
        """Return what Django answers in place of the view, if it does; remember if it does not."""
        for admit in self._admitting:
            if (response := admit(request)) is not None:
                return response  # type: ignore[no-any-return]
        is_host_told = asked[1] is not None
        if is_host_told and not _asks_for_more():
            if len(self._admitted) >= _MOST_ADMITTED:
                # Strangers may have filled it, with ports and slashes of their choice.
                self._admitted.clear()
            self._admitted.add(asked)
        return None

    def _forget(self, **_: object) -> None:
        self._admitted.clear()

    def _finish(
        self, response: HttpResponseBase, request: HttpRequest, *, is_secure: bool
    ) -> HttpResponseBase:
        alike = self._headers.get(is_secure)
        if alike is None:
            alike = self._headers[is_secure] = self._headers_of(request)
        alike.add_to(response)
        if not response.streaming:
            response.headers["Content-Length"] = str(len(response.content))
        return response

    def _headers_of(self, request: HttpRequest) -> ReadyHeaders:
        """Return what Django's middleware says of an answer that says nothing itself."""
        silent = HttpResponse()
        del silent.headers["Content-Type"]
        for one in reversed(self._passed):
            if type(one) in _SETTING_HEADERS:
                one.process_response(request, silent)
        return ReadyHeaders(dict(silent.headers.items()))


def _asks_for_more() -> bool:
    """Whether more than scheme, `Host` and path decides who is let in, by these settings."""
    return bool(
        settings.USE_X_FORWARDED_HOST or settings.PREPEND_WWW or settings.DISALLOWED_USER_AGENTS
    )
