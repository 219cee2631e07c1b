"""Tokens as HttpOnly cookies, where `REVOCATION["COOKIE_MODE"]` is on.

A browser sends its cookies whoever makes it send a request. So they are read and written only for
requests that no page of a foreign origin can cause; for any other the mode is as if off.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from .conf import conf
from .errors import CookiesUnreadable, CrossSiteRequest, ForeignOrigin, PreflightMissing
from .issue import TokenPair

# No cookie: those have a name and a value. Who sends it is refused, and that is all.
UNREADABLE = "(unreadable)"

_CHANGES = "_revocation_cookies"
_LONG_AGO = datetime.fromtimestamp(0, UTC)
# No page can add one of these to a request of another origin without the browser asking first.
_PREFLIGHT_HEADERS = ("HTTP_APOLLO_REQUIRE_PREFLIGHT", "HTTP_X_APOLLO_OPERATION_NAME")


def access_tokens(request: Any) -> list[str]:
    """Return the access token that the browser keeps, if it counts; all, where it sent several.

    Of several cookies of one name another host of the domain may have planted one.
    """
    return _values(request, conf().access_cookie)


def refresh_tokens(request: Any) -> list[str]:
    """Return the refresh token that the browser keeps, if it counts; all, where it sent several."""
    return _values(request, conf().refresh_cookie)


def ensure_readable(request: Any) -> None:
    """Raise `CookiesUnreadable`, in cookie mode, if the server said it could not read the cookies.

    It does so by handing on `UNREADABLE` in place of the header.
    """
    if conf().cookie_mode and getattr(request, "META", {}).get("HTTP_COOKIE") == UNREADABLE:
        raise CookiesUnreadable


def keep(request: Any, pair: TokenPair) -> None:
    """Have the browser keep a token pair.

    Both cookies live as long as the refresh token: the access token in its cookie says itself when
    it expires, and a client learns from `TOKEN_EXPIRED` that it may refresh.
    """
    for name, token in (
        (conf().access_cookie, pair.access_token),
        (conf().refresh_cookie, pair.refresh_token),
    ):
        _change(request, name, token, pair.refresh_expires_at)


def drop(request: Any) -> None:
    """Have the browser forget both tokens."""
    drop_access_token(request)
    drop_refresh_token(request)


def drop_access_token(request: Any) -> bool:
    """Have the browser forget the access token; return whether it had one."""
    return _drop(request, conf().access_cookie)


def drop_refresh_token(request: Any) -> bool:
    """Have the browser forget the refresh token; return whether it had one."""
    return _drop(request, conf().refresh_cookie)


def write(request: Any, response: HttpResponse) -> None:
    """Tell the browser what `keep` and `drop` were asked, the last word on each cookie."""
    if not conf().cookie_mode:
        return
    patch_vary_headers(response, ["Cookie"])
    changes: dict[str, tuple[str, datetime]] = getattr(request, _CHANGES, {})
    for name, (value, expires) in changes.items():
        response.set_cookie(name, value, expires=expires, **conf().cookie_attributes)
    if changes:
        response.headers["Cache-Control"] = "no-store"


def ensure_not_forgeable(request: Any) -> None:
    """Raise `CrossSiteRequest` if a page of a foreign origin may have caused the request.

    No `Origin` passes: browsers send one with every POST and with every request that was asked
    about first. Such a request has a content type or a header that no form and no link can have.
    """
    meta = getattr(request, "META", {})
    origin = meta.get("HTTP_ORIGIN")
    if origin is not None and not _is_allowed(origin.lower(), request):
        raise ForeignOrigin
    is_json = getattr(request, "content_type", None) == "application/json"
    if not is_json and not any(meta.get(name) for name in _PREFLIGHT_HEADERS):
        raise PreflightMissing


def _is_allowed(origin: str, request: Any) -> bool:
    # Some proxies name the port in every Host; browsers leave the default one out of an Origin.
    default_port = ":443" if request.scheme == "https" else ":80"
    own = f"{request.scheme}://{request.get_host().removesuffix(default_port)}".lower()
    return origin == own or origin in conf().allowed_origins


def _counts(request: Any) -> bool:
    if not conf().cookie_mode or not hasattr(request, "META"):
        return False
    try:
        ensure_not_forgeable(request)
    except CrossSiteRequest:
        return False
    return True


def _values(request: Any, name: str) -> list[str]:
    """Return what was sent under exactly this name, without repetition.

    Django's own reading strips whatever Unicode calls a space from a name: a cookie that browsers
    do not take for one with the prefix would become one.
    """
    if not _counts(request):
        return []
    pairs = (sent.partition("=") for sent in request.META.get("HTTP_COOKIE", "").split(";"))
    found = [value.strip(" \t") for sent, _, value in pairs if sent.strip(" \t") == name]
    return [value for value in dict.fromkeys(found) if value]


def _drop(request: Any, name: str) -> bool:
    _change(request, name, "", _LONG_AGO)
    return bool(_values(request, name))


def _change(request: Any, name: str, value: str, expires: datetime) -> None:
    if _counts(request):
        changes = getattr(request, _CHANGES, {})
        changes[name] = (value, expires)
        with suppress(AttributeError):
            setattr(request, _CHANGES, changes)
