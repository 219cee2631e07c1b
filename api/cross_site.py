"""In cookie mode: whole requests that a page of a foreign origin may have caused are refused."""

from django.http import HttpRequest

from revocation import cookies, guard
from revocation.conf import conf
from revocation.errors import (
    CookiesUnreadable,
    ForeignOrigin,
    PreflightMissing,
    RevocationError,
)

from .errors import Refusal, refusal


def ensure_not_forgeable(request: HttpRequest) -> None:
    """Raise `Refusal` for a foreign origin, and for a GET the browser did not ask about first.

    A token in the header answers for the latter: no page can make a browser send one. A POST is
    judged by the type of its body.
    """
    if not conf().cookie_mode:
        return
    try:
        cookies.ensure_readable(request)
        cookies.ensure_not_forgeable(request)
    except ForeignOrigin as refused:
        raise _refused(refused, status=403) from None
    except PreflightMissing as refused:
        if request.method == "GET" and not guard.has_header_token(request):
            raise _refused(refused, status=400) from None
    except CookiesUnreadable as refused:
        raise _refused(refused, status=400) from None


def _refused(error: RevocationError, *, status: int) -> Refusal:
    return refusal(str(error), error.code, reason=error.reason, status=status)
