"""Our guard with the check switched off, to see what the check costs.

The switch is `BENCHMARKS_UNCHECKED`, a setting that only this app reads: `revocation` has no such
setting, no store that forgets, and is not changed on disk. Where this app is installed, `check`
calls the setting an error; where it is not, and no wheel contains it, the setting does nothing.
"""

from functools import cache
from typing import Any
from unittest import mock

from django.conf import settings
from django.core import checks
from django.core.signals import setting_changed
from django.db.models import Value

from revocation import guard
from revocation.errors import UserInactive
from revocation.models import primary_database
from revocation.stores import statement
from revocation.tokens import read_access

SETTING = "BENCHMARKS_UNCHECKED"
_checked = guard.judge


def install() -> None:
    """Follow the setting from now on, and have it called an error."""
    checks.register(check_unchecked, checks.Tags.security)
    setting_changed.connect(_follow)
    _follow(setting=SETTING, value=getattr(settings, SETTING, False))


def judge(text: str, *, request: Any = None) -> guard.Identity:
    """Return who a token says one is: signature and expiry hold, and the user is active."""
    claims = read_access(text)
    user = _users(primary_database()).run(claims).user
    if user is None or not user.is_active:
        raise UserInactive
    return guard.Identity(claims, user)


def check_unchecked(**_: Any) -> list[checks.CheckMessage]:
    """Would revoked tokens be let in?"""
    if not getattr(settings, SETTING, False):
        return []
    return [
        checks.Error(
            f"{SETTING} is on: every revoked token lives until it expires.",
            hint=f"Remove it: it is for `python -m benchmarks` alone. del {SETTING}",
            id="benchmarks.E001",
        )
    ]


@cache
def _users(using: str) -> statement.VerdictStatement:
    """The statement of the verdict without its questions: the same way to the same user."""
    with mock.patch.object(statement, "_question", _user_alone):
        return statement.VerdictStatement(using)


def _user_alone(model: Any, using: str) -> Any:
    nothing = {"session_fingerprint": Value(""), "is_revoked": Value(0)}
    users = model._base_manager.using(using).order_by().annotate(**nothing)
    return users.filter(pk=statement._Slot("sub", model._meta.pk))


def _follow(*, setting: str, value: Any, **_: Any) -> None:
    if setting == SETTING:
        guard.judge = judge if value else _checked
