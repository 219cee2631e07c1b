"""Read-only admin: deleting a row of the blacklist would un-revoke what it names."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import RevokedToken, Session


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


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Sessions, without their fingerprints."""

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
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
