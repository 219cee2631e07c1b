"""Verbs on passwords: change one, and follow one that was only hashed anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
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

_NEW_HASH = "_revocation_new_hash"
_is_holding: ContextVar[bool] = ContextVar("revocation_is_holding_rehash", default=False)


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


@contextmanager
def holding_rehash() -> Iterator[None]:
    """Let Django hash a password anew inside, but not save it: it would overwrite a changed one.

    `follow_rehash` saves it, if the row still has the hash the password was checked against.
    """
    token = _is_holding.set(True)
    try:
        yield
    finally:
        _is_holding.reset(token)


def hold_rehash(user: Any, *, update_fields: Any) -> None:
    """Before a save that looks like Django's: let it save what is there."""
    is_rehash = update_fields == frozenset({"password"}) and user._password is None
    if _is_holding.get() and is_rehash and not user._state.adding:
        user.__dict__[_NEW_HASH], user.password = user.password, F("password")


def release_rehash(user: Any) -> None:
    """After that save: let the object say what it said before."""
    if _is_holding.get() and _NEW_HASH in user.__dict__:
        user.password = user.__dict__[_NEW_HASH]


def stored_hash(username: str | None) -> str | None:
    """Return the hash of whoever wants to sign in, to be read before the password is checked."""
    model = get_user_model()
    users = model._base_manager.using(primary_database())
    return (
        users.filter(**{model.USERNAME_FIELD: username}).values_list("password", flat=True).first()
    )


def follow_rehash(user: Any, *, password: str, checked: str | None) -> None:
    """Save the hash that was held, and move the user's sessions along, before one is opened.

    `checked` is the hash from before the sign-in; both are checked against `password`, so that a
    changed password is never mistaken for a new hash. Raises `InvalidCredentials` when the password
    was changed meanwhile.
    """
    new_hash = user.__dict__.pop(_NEW_HASH, None)
    if new_hash is None:
        return
    is_same_password = bool(checked) and check_password(password, checked or "")

    def write() -> None:
        if _user_rows(user, password=checked).update(password=new_hash):
            if is_same_password:
                _move_fingerprints(user, old_hash=str(checked), new_hash=new_hash)
            return
        stored = _user_rows(user).values_list("password", flat=True).first() or ""
        if stored != new_hash and not check_password(password, stored):
            raise InvalidCredentials
        # Another sign-in hashed it anew before this one; its hash stands.
        user.password = stored

    journal.durably(write, using=primary_database())


def _replace(changed: Any, *, old_hash: str, sid: str, request: HttpRequest | None) -> TokenPair:
    current = _unended_session(sid)
    lifetimes = lifetimes_from(current.created_at, now=timezone.now())
    successor = new_session(changed, lifetimes, opened_at=current.created_at, request=request)

    def write() -> None:
        if not _user_rows(changed, password=old_hash).update(password=changed.password):
            raise InvalidCredentials
        changed.save(update_fields=["password"])
        mine = session_rows().unended().filter(user_id=changed.pk).order_by("pk")
        # Locked before they are counted: a logout that is under way decides first.
        ending = list(mine.select_for_update().values_list("pk", flat=True))
        if sid not in ending:
            raise TokenRevoked
        sessions.end_rows(ending)
        opening.insert(successor, request=request)

    def again() -> None:
        if not session_rows().filter(pk=successor.pk).exists():
            # Undone, and asked anew: the caller may have been logged out in between.
            write()

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


def _move_fingerprints(user: Any, *, old_hash: str, new_hash: str) -> None:
    for session in session_rows().unended().filter(user_id=user.pk):
        if is_fingerprint_of(session.fingerprint, old_hash, sid=session.id):
            unmoved = session_rows().filter(pk=session.id, fingerprint=session.fingerprint)
            unmoved.update(fingerprint=fingerprint_of(new_hash, sid=session.id))


def _user_rows(user: Any, **conditions: Any) -> QuerySet[Any]:
    users: QuerySet[Any] = type(user)._base_manager.using(primary_database())
    return users.filter(pk=user.pk, **conditions)
