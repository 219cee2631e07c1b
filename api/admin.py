"""Django's admin, whose page for a new password is no way to guess the old one."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse

from revocation import attempts, guard
from revocation.errors import InvalidCredentials, TooManyAttempts, Unauthenticated


class CountingAdminSite(AdminSite):
    """Counts wrong old passwords as `changePassword` does; its log-in page has the backend's."""

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page, or change the password. Compares the old one by itself before the page."""
        try:
            if request.method == "POST":
                _ensure_right(request)
        except InvalidCredentials:
            # The page says so.
            pass
        except TooManyAttempts as refusal:
            headers = {"Retry-After": str(refusal.retry_after)}
            return HttpResponse(str(refusal), "text/plain", status=429, headers=headers)
        return super().password_change(request, extra_context)


def _ensure_right(request: HttpRequest) -> None:
    user: Any = request.user
    with attempts.changing_password(_session_of(request), request=request):
        # Not `user.check_password`, which may hash the old password anew and save it.
        if not check_password(request.POST.get("old_password", ""), user.password):
            raise InvalidCredentials


def _session_of(request: HttpRequest) -> str:
    """Return what the caller proves who he is by: the session of a token, or Django's."""
    try:
        return guard.identify(request).claims.sid
    except Unauthenticated:
        return str(request.session.session_key)
