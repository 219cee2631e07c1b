"""Every question about the settings that say when a session is over without a logout."""

from collections.abc import Iterator
from datetime import timedelta

from .problem import Problem
from .written import as_timedelta, jwt_setting, own_setting


def event_problems() -> Iterator[Problem]:
    """Ask them; a duration that is none is somebody else's question."""
    yield from _idle_timeout_short()
    yield from _max_sessions_wrong()


def _idle_timeout_short() -> Iterator[Problem]:
    """A client refreshes when its access token has expired: sooner, nobody could be told idle."""
    others = (jwt_setting("JWT_EXPIRATION_DELTA"), own_setting("GRACE_SECONDS"))
    try:
        timeout, *least = map(as_timedelta, (own_setting("IDLE_TIMEOUT"), *others))
    except (TypeError, ValueError, OverflowError):
        return
    if timedelta() < timeout < max(least):
        seconds = max(least).total_seconds()
        yield Problem(
            "revocation.E058",
            "REVOCATION['IDLE_TIMEOUT'] is shorter than an access token lives, or than the grace "
            "window: sessions would be over that are in use.",
            f'Set at least REVOCATION["IDLE_TIMEOUT"] = timedelta(seconds={seconds:g}), or lower '
            "GRAPHQL_JWT['JWT_EXPIRATION_DELTA'] and REVOCATION['GRACE_SECONDS'].",
        )


def _max_sessions_wrong() -> Iterator[Problem]:
    most = own_setting("MAX_SESSIONS")
    if most is not None and (type(most) is not int or most < 1):
        yield Problem(
            "revocation.E059",
            "REVOCATION['MAX_SESSIONS'] is not a number of sessions.",
            'Remove it, or set a whole number above zero: REVOCATION["MAX_SESSIONS"] = 5. '
            "None counts none.",
        )
