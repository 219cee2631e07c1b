"""Verbs on passwords: change one, and follow one that was only hashed anew."""

from copy import copy
from functools import partial
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from . import journal, opening, sessions
from .errors import (
    InvalidCredentials,
    PasswordRejected,
    TokenRevoked,
    refusing_when_unavailable,
)
from .issue import TokenPair, lifetimes_from, new_session, sign_pair
from .models import (
    Session,
    fingerprint_of,
    is_fingerprint_of,
    primary_database,
    session_rows,
)

_REHASH_ATTRIBUTE = "_revocation_hash_before"
_REHASH_ROUNDS = 5


def change(
    user: Any, *, sid: str, old_password: str, new_password: str, request: HttpRequest | None = None
) -> TokenPair:
    """Change the password and end every session of the user; the current one, `sid`, goes on.

    It goes on under a new id: whoever copied its tokens must not come along. Raises
    `InvalidCredentials`, `PasswordRejected`, `TokenRevoked` or `RevocationUnavailable`; then
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
    return _replace(changed, old_hash=user.password, sid=sid, request=request)


def remember_rehash(user: Any, *, update_fields: Any) -> None:
    """Keep the stored hash, when a save looks like Django hashing a password anew at sign-in.

    Looks alone prove nothing; `follow_rehash` asks for the password.
    """
    is_rehash = update_fields == frozenset({"password"}) and user._password is None
    if is_rehash and not user._state.adding:
        setattr(user, _REHASH_ATTRIBUTE, _stored_hash(user))


def follow_rehash(user: Any, *, password: str) -> None:
    """Move the sessions of a user who just signed in along, if Django hashed the password anew.

    Every hash is checked against `password`: a changed one is never mistaken for a new hash.
    """
    before = user.__dict__.pop(_REHASH_ATTRIBUTE, None)
    hashes = {before} if before and check_password(password, before) else set()
    with refusing_when_unavailable():
        if not hashes and _stored_hash(user) == user.password:
            return

    def again() -> None:
        # A rollback took Django's new hash back as well.
        _user_rows(user, password__in=hashes).update(password=user.password)
        _move_along(user, hashes, password=password)

    write = partial(_move_along, user, hashes, password=password)
    journal.durably(write, using=primary_database(), again=again)


def _replace(changed: Any, *, old_hash: str, sid: str, request: HttpRequest | None) -> TokenPair:
    current = _unended_session(sid)
    lifetimes = lifetimes_from(current.created_at, now=timezone.now())
    successor = new_session(changed, lifetimes, opened_at=current.created_at, request=request)
    ending: list[str] = []

    def write() -> None:
        if not _user_rows(changed, password=old_hash).update(password=changed.password):
            raise InvalidCredentials
        changed.save(update_fields=["password"])
        mine = session_rows().unended().filter(user_id=changed.pk).order_by("pk")
        # Locked before they are counted: a logout that is under way decides first.
        ending[:] = mine.select_for_update().values_list("pk", flat=True)
        if sid not in ending:
            raise TokenRevoked
        sessions.end_rows(ending)
        opening.insert(successor, request=request)

    def again() -> None:
        if not _user_rows(changed, password=changed.password).exists():
            # Undone, and asked anew: the caller may have been logged out in between.
            write()
        sessions.end_rows(ending)
        opening.insert_again(successor, request=request)

    journal.durably(
        write,
        using=primary_database(),
        again=again,
        holds=partial(opening.holds, successor),
    )
    return sign_pair(successor, lifetimes)


def _unended_session(sid: str) -> Session:
    with refusing_when_unavailable():
        session = session_rows().unended().filter(pk=sid).first()
    if session is None:
        raise TokenRevoked
    return session


def _move_along(user: Any, hashes: set[str], *, password: str) -> None:
    """Move sessions from these hashes to the stored one; `user` then has that as well."""
    for _ in range(_REHASH_ROUNDS):
        _move_fingerprints(user, from_hashes=hashes)
        # Another sign-in may have hashed it once more meanwhile; the last one stands.
        stored = _stored_hash(user)
        if stored == user.password or not check_password(password, stored or ""):
            return
        hashes.add(user.password)
        user.password = stored


def _move_fingerprints(user: Any, *, from_hashes: set[str]) -> None:
    for session in session_rows().unended().filter(user_id=user.pk):
        old = session.fingerprint
        if any(is_fingerprint_of(old, one, sid=session.id) for one in from_hashes):
            unmoved = session_rows().filter(pk=session.id, fingerprint=old)
            unmoved.update(fingerprint=fingerprint_of(user.password, sid=session.id))


def _stored_hash(user: Any) -> str | None:
    return _user_rows(user).values_list("password", flat=True).first()


def _user_rows(user: Any, **conditions: Any) -> QuerySet[Any]:
    users: QuerySet[Any] = type(user)._base_manager.using(primary_database())
    return users.filter(pk=user.pk, **conditions)
