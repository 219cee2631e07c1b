"""System checks of the settings that end sessions: does each do something, and at what price?"""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.core import checks

from . import standing
from .conf import conf
from .problems import problems
from .written import jwt_setting, own_setting


def register() -> None:
    """Add the checks to `manage.py check`."""
    checks.register(check_events_without_effect, checks.Tags.security)
    checks.register(check_redis_asked_in_vain, checks.Tags.security)


def check_events_without_effect(**_: Any) -> list[checks.CheckMessage]:
    """Is there a setting that is to end sessions, and never will?"""
    found = () if problems() else _without_effect()
    return [
        checks.Warning(
            f"REVOCATION[{name!r}] has no effect: {reason}.",
            hint=f'Remove it: del REVOCATION["{name}"]',
            id="revocation.W057",
        )
        for name, reason in found
    ]


def check_redis_asked_in_vain(**_: Any) -> list[checks.CheckMessage]:
    """Is Redis asked although the database has to be asked about every token as well?"""
    if own_setting("STORE") != "redis" or own_setting("END_ON_DEACTIVATION"):
        return []
    return [
        checks.Warning(
            "REVOCATION['END_ON_DEACTIVATION'] is off: Redis is not told who was deactivated, and "
            "the database is asked about every token.",
            hint='Set REVOCATION["END_ON_DEACTIVATION"] = True, or "STORE" to "database".',
            id="revocation.W058",
        )
    ]


def _without_effect() -> Iterator[tuple[str, str]]:
    if conf().end_on_demotion and not standing.known_rights():
        model = get_user_model()._meta.label
        yield "END_ON_DEMOTION", f"{model} has neither is_staff nor is_superuser"
    if own_setting("IDLE_TIMEOUT") is None:
        return
    timeout = conf().idle_timeout
    if timeout is None:
        reason = "without refresh tokens a session is over with its last access token"
        yield "IDLE_TIMEOUT", reason
    elif timeout > conf().refresh_lifetime:
        reason = f"a refresh token lives {jwt_setting('JWT_REFRESH_EXPIRATION_DELTA')}, no longer"
        yield "IDLE_TIMEOUT", reason
