"""The steps of a key rotation, each from one set of keys to the next.

A key is published before it signs and accepted after it has signed, so that nobody is signed out.
Nothing is written here.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from .conf import accepts_legacy, conf
from .keyfile import DatedKey, KeySet
from .keys import keys_of_settings
from .models import session_rows
from .signing_key import new_key

# Until everybody who verifies knows a new key: workers whose copy of the file is late, and services
# that keep published keys for five minutes (`revocation.wellknown`). Also, how long a worker may go
# on signing with the key from before.
SETTLED_AFTER = timedelta(minutes=10)


class RotationRefused(Exception):
    """The step would sign somebody out, or there is nothing to take it with."""


@dataclass(frozen=True, slots=True)
class Users:
    """Sessions that a key may have given tokens, and when the last of those expires."""

    sessions: int
    until: datetime | None


def created(algorithm: str, *, now: datetime) -> KeySet:
    """Return a set of one new key, which signs at once: for where nobody is signed in."""
    return KeySet(DatedKey(new_key(algorithm), now))


def taken_over(*, now: datetime) -> KeySet:
    """Return the keys that the settings name, which go on as they are. Raises `UnusableKey`."""
    current, *previous = (DatedKey(key, now) for key in keys_of_settings())
    kids = {current.key.kid}
    others = []
    for dated in previous:
        if dated.key.kid not in kids:
            others.append(dated)
        kids.add(dated.key.kid)
    return KeySet(current, previous=tuple(others))


def published(keys: KeySet, algorithm: str, *, now: datetime) -> KeySet:
    """Add a key that verifies from now on and signs nothing yet; there may be one already."""
    return keys if keys.next else replace(keys, next=DatedKey(new_key(algorithm), now))


def activated(keys: KeySet, *, now: datetime, is_forced: bool = False) -> KeySet:
    """Let the next key sign, once everybody knows it. Raises `RotationRefused`.

    Of a pair that has signed, the private half is not kept.
    """
    if keys.next is None:
        raise RotationRefused("No key is published. First: manage.py rotate_key")
    if now < (known := keys.next.since + SETTLED_AFTER) and not is_forced:
        raise RotationRefused(
            f"Not everybody may know the next key before {_told(known)}: who does not would refuse "
            "what it signs. Wait, or add --force where you know better."
        )
    return KeySet(
        current=DatedKey(keys.next.key, now), previous=(_retired(keys, now), *keys.previous)
    )


def retired(keys: KeySet, *, now: datetime) -> KeySet:
    """Leave out each previous key that no token needs any more."""
    needed = (dated for dated in keys.previous if users_of(dated, now=now).sessions)
    return keys if accepts_legacy() else replace(keys, previous=tuple(needed))


def removed(keys: KeySet, kid: str, *, now: datetime, is_forced: bool = False) -> KeySet:
    """Leave out a key that does not sign. Raises `RotationRefused`."""
    found = _named(keys, [kid])
    if found == [keys.current]:
        raise RotationRefused(
            f"{kid} signs. Rotate first; if it has leaked: manage.py rotate_key --leaked {kid}"
        )
    users = users_of(found[0], now=now) if found[0] != keys.next and not is_forced else None
    if users and users.sessions:
        raise RotationRefused(
            f"{users.sessions} sessions still need {kid}, the last until {_told(users.until)}. "
            "Then: manage.py rotate_key --retire. Add --force to sign them out now."
        )
    if users and accepts_legacy():
        raise RotationRefused(
            f"REVOCATION['ACCEPT_LEGACY_UNTIL'] accepts tokens that {kid} may have signed. Wait "
            "until then, or add --force to refuse them now."
        )
    return _without(keys, found)


def without_leaked(keys: KeySet, kids: Collection[str], algorithm: str, *, now: datetime) -> KeySet:
    """Leave out keys that others have, all of them where none is named; one always signs.

    A key that everybody knows already takes the place of the one that signed. Raises
    `RotationRefused` for a key that is not there.
    """
    leaked = _named(keys, kids) if kids else [dated for _, dated in keys]
    if keys.current not in leaked:
        return _without(keys, leaked)
    spare = keys.next if keys.next and keys.next not in leaked else None
    current = DatedKey(spare.key if spare else new_key(algorithm), now)
    return KeySet(current, previous=_without(keys, leaked).previous)


def users_of(dated: DatedKey, *, now: datetime) -> Users:
    """Count the sessions that a previous key may have given tokens that are still good."""
    moment, last = now - conf().leeway, dated.since + SETTLED_AFTER
    signed = Q(rotated_at__lte=last)
    if last + conf().access_lifetime > moment:
        # Refreshed since, a session may still have an access token from before.
        signed |= Q(created_at__lte=last)
    alive = (
        session_rows()
        .unended()
        .filter(signed, Q(expires_at__gt=moment) | Q(access_expires_at__gt=moment))
    )
    found = alive.aggregate(Count("pk"), Max("expires_at"), Max("access_expires_at"))
    count, *ends = found.values()
    return Users(count, max(filter(None, ends), default=None))


def _retired(keys: KeySet, now: datetime) -> DatedKey:
    return DatedKey(keys.current.key.without_private_half(), now)


def _named(keys: KeySet, kids: Collection[str]) -> list[DatedKey]:
    found = {dated.key.kid: dated for _, dated in keys}
    missing = [kid for kid in kids if kid not in found]
    if missing:
        raise RotationRefused(f"There is no key {', '.join(missing)}, only {', '.join(found)}.")
    return [found[kid] for kid in kids]


def _without(keys: KeySet, gone: Collection[DatedKey]) -> KeySet:
    return KeySet(
        keys.current,
        next=None if keys.next in gone else keys.next,
        previous=tuple(dated for dated in keys.previous if dated not in gone),
    )


def _told(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "now"
