"""Every question about the settings of the status lists."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from .problem import Problem
from .written import as_timedelta, jwt_setting, own_setting

_URL = re.compile(r"https?://([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?(/[\w.~%+-]+)*/?", re.ASCII)
_SHORTEST, _LONGEST = timedelta(seconds=2), timedelta(hours=1)


def status_problems() -> Iterator[Problem]:
    """Ask them, where lists are to be served."""
    url = own_setting("STATUS_LIST_URL")
    if url is None:
        return
    if not isinstance(url, str) or not _URL.fullmatch(url):
        yield Problem(
            "revocation.E055",
            "REVOCATION['STATUS_LIST_URL'] is no address that tokens could name.",
            "Set it to where `revocation.wellknown.status_list` is mounted, without query and "
            'number: REVOCATION["STATUS_LIST_URL"] = "https://api.example.com/status".',
        )
    # In a file each key has an algorithm of its own: `revocation.status_checks` looks there.
    has_file = own_setting("KEYS_FILE") is not None
    if not has_file and str(jwt_setting("JWT_ALGORITHM")).startswith("HS"):
        yield Problem(
            "revocation.E056",
            "REVOCATION['STATUS_LIST_URL'] is set and JWT_ALGORITHM signs with a shared secret: "
            "whoever could verify a status list could write one, and tokens too.",
            'Set a key pair: GRAPHQL_JWT["JWT_ALGORITHM"] = "ES256", with JWT_PRIVATE_KEY and '
            "JWT_PUBLIC_KEY.",
        )
    if not _is_lifetime(own_setting("STATUS_LIST_LIFETIME")):
        yield Problem(
            "revocation.E057",
            "REVOCATION['STATUS_LIST_LIFETIME'] is not between two seconds and an hour.",
            'Remove it, or set REVOCATION["STATUS_LIST_LIFETIME"] = timedelta(seconds=60).',
        )


def _is_lifetime(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number or isinstance(value, timedelta)):
        return False
    try:
        return _SHORTEST <= as_timedelta(value) <= _LONGEST
    except (OverflowError, ValueError):
        return False
