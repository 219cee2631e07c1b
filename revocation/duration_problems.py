"""Every question about durations that are allowed, and longer or shorter than is prudent."""

from collections.abc import Iterator
from datetime import timedelta

from .problem import Problem
from .written import as_timedelta, jwt_setting, own_setting

_LONGEST_ACCESS = timedelta(hours=1)
_LONGEST_SESSION = timedelta(days=366)
_LONGEST_WINDOW = timedelta(minutes=1)
_LONGEST_REDIS_TIMEOUT = timedelta(seconds=2)
# A copy in Redis is believed for up to four minutes after a node's clock was last right.
_SHORTEST_MARGIN = timedelta(minutes=4)


def duration_problems() -> Iterator[Problem]:
    """Ask them. Whoever does has seen to it that all of them are durations."""
    yield from _access_too_long()
    yield from _session_too_long()
    yield from _window_too_long()
    yield from _margin_too_short()
    yield from _redis_too_slow()


def _access_too_long() -> Iterator[Problem]:
    if as_timedelta(jwt_setting("JWT_EXPIRATION_DELTA")) > _LONGEST_ACCESS:
        yield Problem(
            "revocation.W061",
            "GRAPHQL_JWT['JWT_EXPIRATION_DELTA'] is longer than an hour. It is how long one who "
            "asks nobody, or Redis alone, goes on believing in a user who was deactivated.",
            'GRAPHQL_JWT["JWT_EXPIRATION_DELTA"] = timedelta(minutes=5)',
        )


def _session_too_long() -> Iterator[Problem]:
    longest = {
        'GRAPHQL_JWT["JWT_REFRESH_EXPIRATION_DELTA"]': jwt_setting("JWT_REFRESH_EXPIRATION_DELTA"),
        'REVOCATION["SESSION_ABSOLUTE_LIFETIME"]': own_setting("SESSION_ABSOLUTE_LIFETIME"),
    }
    for name, value in longest.items():
        if as_timedelta(value) > _LONGEST_SESSION:
            yield Problem(
                "revocation.W062",
                f"{name} is longer than a year: so long a device that was sold stays signed in.",
                f"{name} = timedelta(days=30)",
            )


def _window_too_long() -> Iterator[Problem]:
    windows = {
        'REVOCATION["GRACE_SECONDS"]': (10, own_setting("GRACE_SECONDS")),
        'GRAPHQL_JWT["JWT_LEEWAY"]': (0, jwt_setting("JWT_LEEWAY")),
    }
    for name, (usual, value) in windows.items():
        if as_timedelta(value) > _LONGEST_WINDOW:
            yield Problem(
                "revocation.W063",
                f"{name} is longer than a minute: so long a refresh token that was used, or a "
                "token that has expired, is as good as new for a thief.",
                f"{name} = {usual}",
            )


def _margin_too_short() -> Iterator[Problem]:
    if as_timedelta(own_setting("RETENTION_MARGIN")) < _SHORTEST_MARGIN:
        yield Problem(
            "revocation.W064",
            "REVOCATION['RETENTION_MARGIN'] is shorter than four minutes: a host whose clock is "
            "behind by as much takes a purged token for a good one.",
            'REVOCATION["RETENTION_MARGIN"] = 300',
        )


def _redis_too_slow() -> Iterator[Problem]:
    if as_timedelta(own_setting("REDIS_TIMEOUT")) > _LONGEST_REDIS_TIMEOUT:
        yield Problem(
            "revocation.W065",
            "REVOCATION['REDIS_TIMEOUT'] is longer than two seconds: while Redis hangs, so do "
            "requests.",
            'REVOCATION["REDIS_TIMEOUT"] = 0.05',
        )
