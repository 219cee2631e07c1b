"""System checks of what the settings tell other packages. Needs none of those packages."""

from typing import Any

from django.conf import settings
from django.core import checks

REST = "revocation.contrib.rest_framework.AccessTokenAuthentication"


def register() -> None:
    """Add the checks to `manage.py check`."""
    checks.register(check_rest_order, checks.Tags.security)


def check_rest_order(**_: Any) -> list[checks.CheckMessage]:
    """Would REST framework ask others about a request that presents a token?"""
    rest = getattr(settings, "REST_FRAMEWORK", {})
    classes = list(rest.get("DEFAULT_AUTHENTICATION_CLASSES", ()))
    if REST not in classes[1:]:
        return []
    return [
        checks.Warning(
            "In REST_FRAMEWORK['DEFAULT_AUTHENTICATION_CLASSES'] others stand before "
            "AccessTokenAuthentication: refusals have the status and the challenge of the first, "
            "and without RevocationMiddleware a session cookie outranks a token.",
            hint=f"Move {REST!r} to the front.",
            id="revocation.W060",
        )
    ]
