"""System checks of the status lists."""

from typing import Any
from urllib.parse import urlsplit

from django.core import checks
from django.urls import Resolver404, resolve

from . import wellknown
from .conf import conf
from .key_problems import is_symmetric
from .keys import key_ring
from .problems import problems
from .signing_key import UnusableKey
from .written import own_setting


def register() -> None:
    """Add the checks to `manage.py check`."""
    checks.register(check_lifetime, checks.Tags.security)
    checks.register(check_signed_by_a_pair, checks.Tags.security)
    checks.register(check_mounted, checks.Tags.urls)


def check_lifetime(**_: Any) -> list[checks.CheckMessage]:
    """Would a token expire before a list says that it was revoked?"""
    if not _is_on() or conf().status_list_lifetime < conf().access_lifetime:
        return []
    return [
        checks.Warning(
            "REVOCATION['STATUS_LIST_LIFETIME'] is as long as access tokens live: they expire "
            "before a status list has to say that they were revoked.",
            hint='Set a shorter one: REVOCATION["STATUS_LIST_LIFETIME"] = timedelta(seconds=60).',
            id="revocation.W055",
        )
    ]


def check_signed_by_a_pair(**_: Any) -> list[checks.CheckMessage]:
    """Would nobody who has our public keys believe the lists?"""
    if not _is_on() or not _is_signed_by_a_secret():
        return []
    return [
        checks.Error(
            "REVOCATION['STATUS_LIST_URL'] is set and the key that signs is a shared secret: "
            "services that have our public keys believe neither tokens nor lists.",
            hint="Publish a key pair, python manage.py rotate_key --algorithm ES256, and ten "
            "minutes later: python manage.py rotate_key --activate",
            id="revocation.E068",
        )
    ]


def check_mounted(**_: Any) -> list[checks.CheckMessage]:
    """Would nobody find the lists that tokens name?"""
    if not _is_on() or _serves_lists(urlsplit(str(conf().status_list_url)).path):
        return []
    return [
        checks.Warning(
            "REVOCATION['STATUS_LIST_URL'] names a path where no status list is served: services "
            "that ask for one refuse every token.",
            hint="Mount it in urls.py: path('status/<int:number>', "
            "revocation.wellknown.status_list). Where a proxy translates the path, name this "
            "check in SILENCED_SYSTEM_CHECKS.",
            id="revocation.W056",
        )
    ]


def _is_signed_by_a_secret() -> bool:
    try:
        return is_symmetric(key_ring().algorithm)
    except UnusableKey:
        # There is a check of its own.
        return False


def _serves_lists(path: str) -> bool:
    try:
        return bool(resolve(f"{path.rstrip('/')}/0").func is wellknown.status_list)
    except Resolver404:
        return False


def _is_on() -> bool:
    return own_setting("STATUS_LIST_URL") is not None and not problems()
