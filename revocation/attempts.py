"""Wrong passwords, counted: guessing ends after a few, and locks nobody else out.

Each is counted for the account as seen from one address, and for the address; never for the account
alone, or anybody could lock its owner out from anywhere. Only keyed digests of either are kept.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any
from unicodedata import category, normalize

from django.db import connections
from django.dispatch import Signal
from django.utils import timezone
from django.utils.crypto import salted_hmac

from . import journal, purging
from .announcements import tell
from .conf import conf
from .device import network_of
from .errors import InvalidCredentials, TooManyAttempts, refusing_when_unavailable
from .models import FailedAttempt, attempt_rows, primary_database
from .signals import attempt_failed, locked_out

SIGN_IN = "sign-in"
SECOND_FACTOR = "second-factor"
CHANGE_PASSWORD = "change-password"  # noqa: S105

# Normalizing a text takes longer than in proportion to its length.
_NAME_CHARACTERS = 300
_DIGEST_CHARACTERS = 32
# More than a wrong password adds, so that the table shrinks to what still counts.
_FORGOTTEN_AT_ONCE = 20
_PROXY_HINT = (
    "Too many wrong passwords from %s: if that is a proxy of yours, believe the address it "
    "forwards (TRUSTED_PROXIES)"
)

logger = logging.getLogger("revocation")

_walk = purging.Walk()
_is_guessing: ContextVar[bool] = ContextVar("revocation_is_guessing", default=False)


def signing_in(
    username: str, *, request: Any, now: datetime | None = None
) -> AbstractContextManager[None]:
    """Compare a password inside; `InvalidCredentials` raised there is counted.

    Raises `TooManyAttempts` once there were too many: at once, or, if they were counted meanwhile,
    after the comparison, for right and wrong alike. A right password forgives the account's.
    """
    network = network_of(request)
    account = _digest(SIGN_IN, "account", network, _folded(username))
    return _guessing(_Guess(SIGN_IN, network, account, request, now or timezone.now(), said=now))


def changing_password(
    sid: str, *, request: Any, now: datetime | None = None
) -> AbstractContextManager[None]:
    """As `signing_in`, for who has a session and guesses the password behind it.

    Counted for the session, from wherever: a thief changes addresses more easily than sessions, and
    locks out of nothing but this door of this session.
    """
    account = _digest(CHANGE_PASSWORD, "session", sid)
    network, moment = network_of(request), now or timezone.now()
    return _guessing(_Guess(CHANGE_PASSWORD, network, account, request, moment, said=now))


def proving(
    user: Any, *, request: Any, now: datetime | None = None
) -> AbstractContextManager[None]:
    """As `signing_in`, for who has passed the first factor and enters the code of a second.

    Counted for the user, from wherever, and apart from passwords: whoever knows the right password
    could otherwise have it forgive the wrong codes.
    """
    account = _digest(SECOND_FACTOR, "account", str(user.pk))
    network, moment = network_of(request), now or timezone.now()
    return _guessing(_Guess(SECOND_FACTOR, network, account, request, moment, said=now))


def purge(*, batch: int = 1000, now: datetime | None = None) -> Iterator[int]:
    """Forget attempts that count no more, yielding the size of each batch as it is committed."""
    return purging.sizes(expired(now), limit=batch)


def expired(now: datetime | None = None) -> purging.Step:
    """Return the step that forgets such attempts, as of now or by the clocks there are."""
    # An attempt does not count to the end of the window, but until just before.
    before = (now or purging.earlier_now()) - conf().attempts_window + timedelta.resolution
    return partial(purging.forget, attempt_rows(), by="failed_at", before=before)


@dataclass(frozen=True, slots=True)
class _Guess:
    """One attempt at a door, and the two counters it weighs on."""

    door: str
    network: str
    account: str
    request: Any
    now: datetime
    # What was given as `now`, if anything was: it stands in for the database's clock as well.
    said: datetime | None

    @property
    def address(self) -> str:
        return _digest(self.door, "address", self.network)

    @property
    def limits(self) -> dict[str, int]:
        """How many wrong ones in a window fill each counter; one that is switched off is absent."""
        limits = {
            self.account: conf().attempts_per_account_and_address,
            self.address: conf().attempts_per_address,
        }
        return {counter: limit for counter, limit in limits.items() if limit is not None}


@contextmanager
def _guessing(guess: _Guess) -> Iterator[None]:
    # The second is an authentication backend inside a sign-in that is counted already.
    if _is_guessing.get():
        yield
        return
    _ensure_few(guess)
    token = _is_guessing.set(True)
    try:
        yield
    except InvalidCredentials:
        _tell(attempt_failed, guess)
        _count(guess)
        raise
    finally:
        _is_guessing.reset(token)
    # Of many guesses at once a right one must not be told from the wrong ones by its answer.
    if _ensure_few(guess).get(guess.account):
        _forgive(guess)


def _ensure_few(guess: _Guess) -> Mapping[str, int]:
    """Return how many wrong ones each counter holds. Raises `TooManyAttempts` if one is full."""
    if not guess.limits:
        return {}
    journal.settle()
    moments: dict[str, list[datetime]] = {counter: [] for counter in guess.limits}
    window = conf().attempts_window
    counted = attempt_rows().filter(
        counter__in=moments,
        failed_at__gt=guess.now - window,
        # Of the future only what clocks that differ can have counted, not one that was put right.
        failed_at__lt=guess.now + window,
    )
    with refusing_when_unavailable():
        for counter, failed_at in counted.values_list("counter", "failed_at"):
            moments[counter].append(failed_at)
    # Below its limit again as soon as so many of the oldest have left the window.
    ends = [
        sorted(moments[counter])[-limit] + window
        for counter, limit in guess.limits.items()
        if len(moments[counter]) >= limit
    ]
    if ends:
        raise TooManyAttempts(max(ends) - guess.now)
    return {counter: len(times) for counter, times in moments.items()}


def _count(guess: _Guess) -> None:
    """Count a wrong attempt, durably, unless others have filled a counter meanwhile."""
    if not guess.limits:
        return
    rows = [FailedAttempt(counter=counter, failed_at=guess.now) for counter in guess.limits]
    insert = partial(attempt_rows().bulk_create, rows, ignore_conflicts=True)

    def write() -> Mapping[str, int]:
        _take_turns(guess)
        before = _ensure_few(guess)
        insert()
        _walk.go_on(expired(guess.said), limit=_FORGOTTEN_AT_ONCE)
        return before

    before = journal.durably_at_last(write, using=primary_database(), again=insert) or {}
    for counter, limit in guess.limits.items():
        if before.get(counter, limit) + 1 == limit:
            _tell_locked_out(guess, counter)


def _take_turns(guess: _Guess) -> None:
    """Until the transaction ends, let nobody else count on these counters.

    Two that look before either has written would both find room for one more. A row that is on no
    counter stands for each; where writers take turns anyway, none is needed.
    """
    features = connections[primary_database()].features
    if not features.has_select_for_update:
        return
    turns = [FailedAttempt(id=counter, failed_at=guess.now) for counter in sorted(guess.limits)]
    # An update locks the row at once. Inserted if missing and then locked, two would wait for each
    # other on MariaDB.
    attempt_rows().bulk_create(
        turns,
        update_conflicts=True,
        update_fields=["failed_at"],
        unique_fields=["id"] if features.supports_update_conflicts_with_target else None,
    )


def _forgive(guess: _Guess) -> None:
    """Forget the account's; they go on weighing on the address."""
    forgiven = attempt_rows().filter(counter=guess.account)
    journal.durably(forgiven.delete, using=primary_database())


def _tell_locked_out(guess: _Guess, counter: str) -> None:
    _tell(locked_out, guess, counted_for="address" if counter == guess.address else "account")
    if not (guess.network and ip_network(guess.network).is_global):
        logger.warning(_PROXY_HINT, guess.network or "no address")


def _tell(signal: Signal, guess: _Guess, **more: Any) -> None:
    details = {"door": guess.door, "address": guess.network, "request": guess.request}
    tell(signal, sender=FailedAttempt, **details, **more)


def _folded(username: str) -> str:
    """Return what is left of a name for databases that overlook case, most accents, the invisible.

    Two names that become one share their counter, which harms nobody.
    """
    letters = normalize("NFKD", username[:_NAME_CHARACTERS])
    return "".join(letter for letter in letters if category(letter)[0] not in "CMZ").casefold()


def _digest(*words: str) -> str:
    keyed = salted_hmac("revocation.attempts", json.dumps(words), algorithm="sha256")
    return keyed.hexdigest()[:_DIGEST_CHARACTERS]
