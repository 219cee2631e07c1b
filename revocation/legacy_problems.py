"""Every question about the settings that say which legacy tokens are accepted, and until when."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from jwt.algorithms import get_default_algorithms

from .problem import Problem
from .written import as_moment, own_setting

# Whoever writes a date further off than this means "for ever".
_LONGEST = timedelta(days=3660)


def legacy_problems() -> Iterator[Problem]:
    """Ask them; nothing comes of it where no legacy token is accepted."""
    until = own_setting("ACCEPT_LEGACY_UNTIL")
    if until is not None:
        yield from _moment_wrong(until)
        yield from _simplejwt_unsafe()
    if not isinstance(own_setting("ACCEPT_LEGACY_EXPIRED"), bool):
        yield Problem(
            "revocation.E041",
            "REVOCATION['ACCEPT_LEGACY_EXPIRED'] is neither True nor False.",
            'Remove it, or set REVOCATION["ACCEPT_LEGACY_EXPIRED"] = True where expiry was not '
            "verified before the upgrade.",
        )


def _moment_wrong(until: Any) -> Iterator[Problem]:
    try:
        moment = as_moment(until)
    except (TypeError, ValueError):
        fact = "is not a moment with its offset from UTC"
    else:
        if moment <= timezone.now() + _LONGEST:
            return
        fact = "is more than ten years off, and every day of it is one for whoever copied a token"
    example = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT00:00:00+00:00")
    yield Problem(
        "revocation.E040",
        f"REVOCATION['ACCEPT_LEGACY_UNTIL'] {fact}.",
        f'Set it, for instance REVOCATION["ACCEPT_LEGACY_UNTIL"] = "{example}", or to None.',
    )


def _simplejwt_unsafe() -> Iterator[Problem]:
    algorithm = getattr(settings, "SIMPLE_JWT", {}).get("ALGORITHM", "HS256")
    known = frozenset(get_default_algorithms()) - {"none"}
    if not isinstance(algorithm, str) or algorithm not in known:
        yield Problem(
            "revocation.E042",
            "SIMPLE_JWT['ALGORITHM'] is not one signature algorithm.",
            "Set what the tokens were signed with, for instance 'HS256', or remove it.",
        )
