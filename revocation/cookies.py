"""Tokens as HttpOnly cookies, where `REVOCATION["COOKIE_MODE"]` is on.

A browser sends its cookies whoever makes it send a request. So they are read and written only for
requests that no page of a foreign origin can cause; for any other the mode is as if off.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from .conf import COOKIE_PREFIX, accepts_legacy, conf
from .errors import CookiesUnreadable, CrossSiteRequest, ForeignOrigin, PreflightMissing
from .issue import TokenPair
from .tokens import is_like_ours
from .written import jwt_setting

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
    return _values(request, conf().access_cookie) or legacy_access_tokens(request)


def refresh_tokens(request: Any) -> list[str]:
    """Return the refresh token that the browser keeps, if it counts; all, where it sent several."""
    return _values(request, conf().refresh_cookie) or legacy_refresh_tokens(request)


def legacy_access_tokens(request: Any) -> list[str]:
    """Return the legacy access tokens that the browser keeps under the name of before."""
    return _values_of_before(request, "JWT_COOKIE_NAME")


def legacy_refresh_tokens(request: Any) -> list[str]:
    """Return the legacy refresh tokens that it keeps so."""
    return _values_of_before(request, "JWT_REFRESH_TOKEN_COOKIE_NAME")


def ensure_readable(request: Any) -> None:
    """Raise `CookiesUnreadable`, in cookie mode, if the server said it could not read the cookies.

    It does so by handing on `UNREADABLE` in place of the header.
    """
    if conf().cookie_mode and getattr(request, "META", {}).get("HTTP_COOKIE") == UNREADABLE:
        raise CookiesUnreadable


def keep(request: Any, pair: TokenPair, *, is_unforgeable: bool = False) -> None:
    """Have the browser keep a token pair, or the access token where nobody is given the other.

    Both cookies live as long as the refresh token: the access token in its cookie says itself when
    it expires, and a client learns from `TOKEN_EXPIRED` that it may refresh. `is_unforgeable` says
    that somebody else has ruled out that a page of a foreign origin caused the request.
    """
    tokens = {conf().access_cookie: pair.access_token}
    if not conf().keep_alive:
        tokens[conf().refresh_cookie] = pair.refresh_token
    for name, token in tokens.items():
        _change(request, name, token, pair.refresh_expires_at, is_unforgeable=is_unforgeable)


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


def _values_of_before(request: Any, setting: str) -> list[str]:
    """Return what a browser keeps under the name without a prefix, if it can be a legacy token.

    Another host of the domain may plant such a cookie, hence none of our tokens counts there.
    """
    if not accepts_legacy(is_ending=True):
        return []
    name = jwt_setting(setting)
    if name in {conf().access_cookie, conf().refresh_cookie}:
        return []
    return [text for text in _values(request, name) if not is_like_ours(text)]


def _drop(request: Any, name: str) -> bool:
    had = False
    # Under the name of before as well, if there is something.
    for one in dict.fromkeys([name, name.removeprefix(COOKIE_PREFIX)]):
        is_there = bool(_values(request, one))
        if one == name or (is_there and accepts_legacy(is_ending=True)):
            _change(request, one, "", _LONG_AGO)
            had = had or is_there
    return had


def _change(
    request: Any, name: str, value: str, expires: datetime, *, is_unforgeable: bool = False
) -> None:
    if is_unforgeable or _counts(request):
        changes = getattr(request, _CHANGES, {})
        changes[name] = (value, expires)
        with suppress(AttributeError):
            setattr(request, _CHANGES, changes)
