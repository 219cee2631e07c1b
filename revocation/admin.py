"""The admin reads and ends. Deleting a row of the blacklist would un-revoke what it names."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import journal, liveness, sessions
from .device import as_noted
from .errors import RevocationUnavailable
from .models import RevokedToken, Session, primary_database
from .occasions import Reason, because

# While Redis is away each transaction waits two seconds for it, however many it ends.
_SESSIONS_AT_ONCE = 100


class EndingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin whose actions end sessions, for who has the permission `revocation.change_session`.

    What could not be ended is named, and the rest is ended.
    """

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether an action that ends sessions is offered."""
        return request.user.has_perm("revocation.change_session")

    def end_each(
        self,
        request: HttpRequest,
        rows: Iterable[Any],
        end: Callable[[list[Any]], list[int]],
        *,
        at_once: int = 1,
    ) -> None:
        """Call `end` for a few rows at a time, and say what happened.

        It returns for each of them how many sessions ended.
        """
        total, left = 0, list(rows)
        while left:
            some, left = left[:at_once], left[at_once:]
            try:
                with because(Reason.ADMIN, actor=request.user, request=request):
                    ended = end(some)
            except RevocationUnavailable as refused:
                names = ", ".join(map(str, some))
                self.message_user(request, f"{names}: {refused}", messages.ERROR)
                continue
            total += sum(ended)
            for row, number in zip(some, ended, strict=True):
                self.log_change(request, row, f"Ended {number} sessions.")
        said = ngettext("Ended %d session.", "Ended %d sessions.", total) % total
        self.message_user(request, said, messages.SUCCESS)


class LoggingOutAdmin(EndingAdmin):
    """Put it before the project's user admin: its list can log users out everywhere."""

    actions = ("log_out_everywhere",)

    @admin.action(permissions=["end"], description=_("Log out everywhere"))
    def log_out_everywhere(self, request: HttpRequest, queryset: Any) -> None:
        """End every session of the chosen users."""
        self.end_each(request, queryset, lambda users: [*map(sessions.end_all, users)])


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keys come from the verbs alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A changed row would no longer say what was revoked."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the purge forgets, and only what has expired."""
        return False


@admin.register(RevokedToken)
class RevokedTokenAdmin(ReadOnlyAdmin):
    """The blacklist."""

    list_display = ("key", "revoked_at", "expires_at")
    search_fields = ("=key",)
    date_hierarchy = "revoked_at"


class InUseFilter(admin.SimpleListFilter):
    """Sessions that go on if nobody ends them: not ended, not expired and not idle for too long."""

    title = _("in use")
    parameter_name = "in_use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both."""
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave out the others. The password of each user is not compared."""
        if self.value() is None:
            return queryset
        in_use = liveness.in_use(now=timezone.now())
        return queryset.filter(in_use if self.value() == "yes" else ~in_use)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin, EndingAdmin):
    """Sessions, without their fingerprints."""

    actions = ("end_sessions",)
    fields = (
        "id",
        "user",
        "created_at",
        "rotated_at",
        "generation",
        "expires_at",
        "access_expires_at",
        "ended_at",
        "ip_address",
        "user_agent",
    )
    list_display = ("id", "user", "created_at", "rotated_at", "expires_at", "ended_at")
    list_select_related = ("user",)
    search_fields = ("=id", "=user__pk", "ip_address")
    list_filter = (InUseFilter, ("ended_at", admin.EmptyFieldListFilter))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """By the name of the user too, however the project's users are called."""
        return (*self.search_fields, f"=user__{get_user_model().USERNAME_FIELD}")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Find what rows have of an address, which is its network."""
        return super().get_search_results(request, queryset, as_noted(search_term))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Not by what no page shows: asked often enough, yes and no tell every letter of it."""
        hidden = {field.name for field in Session._meta.fields} - {*self.fields}
        is_hidden = lookup.partition("__")[0] in hidden
        return not is_hidden and super().lookup_allowed(lookup, value, request)

    @admin.action(permissions=["end"], description=_("End selected sessions"))
    def end_sessions(self, request: HttpRequest, queryset: Any) -> None:
        """End the chosen sessions; to end one again loses nothing."""
        self.end_each(request, queryset, _end, at_once=_SESSIONS_AT_ONCE)


def _end(some: list[Session]) -> list[int]:
    write = partial(sessions.end_rows, [session.pk for session in some])
    journal.durably(write, using=primary_database())
    return [int(session.ended_at is None) for session in some]
