"""Verbs on passwords: change one, and follow one that was only hashed anew."""

from copy import copy
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from . import journal, sessions
from .errors import (
    InvalidCredentials,
    PasswordRejected,
    RevocationUnavailable,
    TokenRevoked,
    refusing_when_unavailable,
)
from .issue import TokenPair, lifetimes_from, sign_pair
from .models import Session, fingerprint_of, is_fingerprint_of, primary_database

_REHASH_ATTRIBUTE = "_revocation_hash_before"
_REHASH_ROUNDS = 5


def change(user: Any, *, sid: str, old_password: str, new_password: str) -> TokenPair:
    """Change the password: session `sid` goes on with a new pair, every other one ends.

    Raises `InvalidCredentials`, `PasswordRejected`, `TokenRevoked` or `RevocationUnavailable`; then
    nothing was changed.
    """
    # Not `user.check_password`, which may hash the old password anew and save it.
    if not check_password(old_password, user.password):
        raise InvalidCredentials
    try:
        validate_password(new_password, user)
    except ValidationError as error:
        raise PasswordRejected(" ".join(error.messages)) from None
    # The caller's object stays as it is, should the change fail.
    changed = copy(user)
    changed.set_password(new_password)
    return _replace(changed, old_hash=user.password, sid=sid)


def remember_rehash(user: Any, *, update_fields: Any) -> None:
    """Keep the stored hash, when a save looks like Django hashing a password anew at sign-in.

    Looks alone prove nothing; `follow_rehash` asks for the password.
    """
    is_rehash = update_fields == frozenset({"password"}) and user._password is None
    if is_rehash and not user._state.adding:
        stored = _user_rows(user).values_list("password", flat=True).first()
        setattr(user, _REHASH_ATTRIBUTE, stored)


def follow_rehash(user: Any, *, password: str) -> None:
    """Move the sessions of a user who just signed in along, if Django hashed the password anew.

    Both hashes are checked against `password`: a changed one is never mistaken for a new hash.
    """
    before = user.__dict__.pop(_REHASH_ATTRIBUTE, None)
    if before is None or not check_password(password, before):
        return
    hashes = {before}
    with refusing_when_unavailable():
        for _ in range(_REHASH_ROUNDS):
            _move_fingerprints(user, from_hashes=hashes)
            # Another sign-in may have hashed it once more meanwhile; the last one stands.
            stored = _user_rows(user).values_list("password", flat=True).first()
            if stored == user.password or not check_password(password, stored or ""):
                return
            hashes.add(user.password)
            user.password = stored


def _replace(changed: Any, *, old_hash: str, sid: str) -> TokenPair:
    lifetimes = lifetimes_from(_live_session(sid).created_at, now=timezone.now())
    fingerprint = fingerprint_of(changed, sid=sid)

    def write() -> Session:
        if not _user_rows(changed, password=old_hash).update(password=changed.password):
            raise InvalidCredentials
        changed.save(update_fields=["password"])
        # All rows are locked here, in the order of their ids, as every verb does.
        mine = sessions.rows().unended().filter(user_id=changed.pk).order_by("pk")
        unended = {session.id: session for session in mine.select_for_update()}
        session = unended.pop(sid, None)
        if session is None:
            raise TokenRevoked
        sessions.rows().advance(
            sid,
            gen=session.generation,
            expires_at=lifetimes.refresh_expires_at,
            access_expires_at=lifetimes.access_expires_at,
            fingerprint=fingerprint,
        )
        sessions.end_rows(unended)
        session.user = changed
        session.generation += 1
        session.expires_at = lifetimes.refresh_expires_at
        return session

    def again() -> None:
        # Somebody may have rotated in between, and holds the generation that was promised here.
        if write().generation != session.generation:
            raise RevocationUnavailable

    session = journal.durably(write, using=primary_database(), again=again)
    return sign_pair(session, lifetimes)


def _live_session(sid: str) -> Session:
    with refusing_when_unavailable():
        session = sessions.rows().unended().filter(pk=sid).first()
    if session is None:
        raise TokenRevoked
    return session


def _move_fingerprints(user: Any, *, from_hashes: set[str]) -> None:
    current, formers = copy(user), [_with_hash(user, one) for one in from_hashes]

    def write() -> None:
        for session in sessions.rows().unended().filter(user_id=current.pk):
            old = session.fingerprint
            if any(is_fingerprint_of(old, former, sid=session.id) for former in formers):
                unmoved = sessions.rows().filter(pk=session.id, fingerprint=old)
                unmoved.update(fingerprint=fingerprint_of(current, sid=session.id))

    def again() -> None:
        # The rollback took Django's new hash back as well.
        _user_rows(current, password__in=from_hashes).update(password=current.password)
        write()

    journal.durably(write, using=primary_database(), again=again)


def _with_hash(user: Any, password_hash: str) -> Any:
    former = copy(user)
    former.password = password_hash
    return former


def _user_rows(user: Any, **conditions: Any) -> QuerySet[Any]:
    users: QuerySet[Any] = type(user)._base_manager.using(primary_database())
    return users.filter(pk=user.pk, **conditions)
