"""What is counted: names, what they mean, and where in the numbers each stands.

The values of labels are few and all of them stand here, so that nobody adds one by what he sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

ACCEPTED, REFUSED, UNAVAILABLE = "accepted", "refused", "unavailable"
# Stands for every reason that does not stand here: an error of the project's own, say.
OTHER = "OTHER"

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Counter:
    """Counted for each of a few values of its labels, none of which is ever missing."""

    name: str
    help: str
    labels: Labels = ()
    values: Sequence[Labels] = ((),)

    @property
    def size(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Histogram:
    """How long something took: how many ended in each range, and the sum in nanoseconds."""

    name: str
    help: str
    # Upper ends of the ranges, in seconds. Above the last there is one more.
    ends: Sequence[float]

    @property
    def size(self) -> int:
        return len(self.ends) + 2


def _outcomes(*reasons: str) -> list[Labels]:
    refused = [(REFUSED, reason) for reason in (*reasons, OTHER)]
    return [(ACCEPTED, ""), *refused, (UNAVAILABLE, "REVOCATION_UNAVAILABLE")]


_OUTCOME = ("outcome", "reason")
_UNAUTHENTICATED = (
    "TOKEN_MISSING",
    "TOKEN_INVALID",
    "TOKEN_EXPIRED",
    "TOKEN_REVOKED",
    "USER_INACTIVE",
)

VERDICTS = Counter(
    "revocation_verdicts",
    "Decisions about requests for something protected.",
    _OUTCOME,
    _outcomes(*_UNAUTHENTICATED),
)
VERDICT_SECONDS = Histogram(
    "revocation_verdict_seconds",
    "How long each of these decisions took.",
    (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0),
)
SIGN_INS = Counter(
    "revocation_sign_ins",
    "Attempts to sign in by tokenAuth.",
    _OUTCOME,
    _outcomes("INVALID_CREDENTIALS", "RATE_LIMITED"),
)
REFRESHES = Counter(
    "revocation_refreshes",
    "Attempts to exchange a refresh token by refreshToken.",
    _OUTCOME,
    _outcomes(
        "REFRESH_MISSING",
        "REFRESH_INVALID",
        "REFRESH_EXPIRED",
        "REFRESH_REUSED",
        "SESSION_ENDED",
        "USER_INACTIVE",
    ),
)
LOGOUTS = Counter(
    "revocation_logouts",
    "Attempts to end sessions by logout, logoutAll, revokeSession or revokeToken.",
    _OUTCOME,
    _outcomes(*_UNAUTHENTICATED, "REFRESH_MISSING", "REFRESH_INVALID", "SESSION_NOT_FOUND"),
)
REUSE_ALARMS = Counter(
    "revocation_reuse_alarms",
    "Sessions ended because a refresh token came back after it had been rotated.",
)
LOCKOUTS = Counter(
    "revocation_lockouts",
    "Counters of wrong passwords or codes that became full, for an account or an address.",
    ("door",),
    (("sign-in",), ("change-password",), ("second-factor",)),
)
STORE_ERRORS = Counter(
    "revocation_store_errors",
    "Times a store failed: the database, or Redis, in place of which the database is then asked.",
    ("store",),
    (("database",), ("redis",)),
)

# The numbers stand in this order.
FAMILIES: tuple[Counter | Histogram, ...] = (
    VERDICTS,
    VERDICT_SECONDS,
    SIGN_INS,
    REFRESHES,
    LOGOUTS,
    REUSE_ALARMS,
    LOCKOUTS,
    STORE_ERRORS,
)
SIZE = sum(family.size for family in FAMILIES)


def first_of(family: Counter | Histogram) -> int:
    """Return where the numbers of a family begin."""
    return sum(one.size for one in FAMILIES[: FAMILIES.index(family)])


def places_of(counter: Counter) -> dict[str, int]:
    """Return where each value of a counter's last label stands."""
    return {values[-1]: first_of(counter) + at for at, values in enumerate(counter.values)}
