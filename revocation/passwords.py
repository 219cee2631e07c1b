"""Verbs on passwords: compare one, change one, and follow one that was only hashed anew."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import partial
from typing import Any

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from . import attempts, journal, logins, opening, sessions, unseen
from .claims import pk_of
from .conf import conf
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
from .occasions import OWNER, Reason, because

_NEW_HASH = "_revocation_new_hash"
# Half of a pair of surrogates, which JSON can say: no hasher and no database takes it.
_UNENCODABLE = re.compile("[\ud800-\udfff]")
_is_holding: ContextVar[bool] = ContextVar("revocation_is_holding_rehash", default=False)


def authenticated(username: str | None, password: str, *, request: Any) -> Any:
    """Return the active user of this name and password, by the project's backends.

    Raises `InvalidCredentials`, after the same time for whatever was wrong, `TooManyAttempts`
    without looking, or `RevocationUnavailable`.
    """
    # Tells django-graphql-jwt's backend, where it is installed, that the password decides and not
    # whatever token the request presents.
    request._jwt_token_auth = True
    with attempts.signing_in(username or "", request=request):
        if "\x00" in (username or "") or _UNENCODABLE.search(f"{username}{password}"):
            # Nobody has them, and some databases refuse to be asked.
            get_user_model()().set_password("")
            logins.tell_failed(username, request=request)
            raise InvalidCredentials
        with refusing_when_unavailable(), holding_rehash():
            checked = stored_hash(username)
            user = authenticate(request=request, username=username, password=password)
        if user is None:
            raise InvalidCredentials
        # Some backends let anybody in, and leave it to others to ask whether the user is active.
        if not user.is_active:
            logins.tell_failed(username, request=request)
            raise InvalidCredentials
        follow_rehash(user, password=password, checked=checked)
    return user


def change(
    user: Any, *, sid: str, old_password: str, new_password: str, request: HttpRequest | None = None
) -> TokenPair:
    """Change the password and end every session of the user; the current one, `sid`, goes on.

    It goes on under a new id: whoever copied its tokens must not come along. With
    `END_ON_PASSWORD_CHANGE` off the others go on as they are. Raises `InvalidCredentials`,
    `TooManyAttempts`, `PasswordRejected`, `TokenRevoked` or `RevocationUnavailable`; then nothing
    was changed.
    """
    with attempts.changing_password(sid, request=request):
        # Not `user.check_password`, which may hash the old password anew and save it.
        if _UNENCODABLE.search(old_password) or not check_password(old_password, user.password):
            raise InvalidCredentials
    if _UNENCODABLE.search(new_password):
        raise PasswordRejected
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


def is_holding_rehash() -> bool:
    """Whether somebody does so, and will follow it."""
    return _is_holding.get()


def hold_rehash(user: Any, *, update_fields: Any) -> None:
    """Before a save that looks like Django's: let it save what is there."""
    is_rehash = update_fields == frozenset({"password"}) and user._password is None
    if _is_holding.get() and is_rehash and not user._state.adding:
        user.__dict__[_NEW_HASH], user.password = user.password, F("password")


def release_rehash(user: Any) -> bool:
    """After that save: let the object say what it said before; return whether there was one."""
    is_held = _is_holding.get() and _NEW_HASH in user.__dict__
    if is_held:
        user.password = user.__dict__[_NEW_HASH]
    return is_held


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
                move_fingerprints(user, old_hash=str(checked), new_hash=new_hash)
            return
        stored = _user_rows(user).values_list("password", flat=True).first() or ""
        if stored != new_hash and not check_password(password, stored):
            raise InvalidCredentials
        # Another sign-in hashed it anew before this one; its hash stands.
        user.password = stored

    journal.durably(write, using=primary_database())


def move_fingerprints(user: Any, *, old_hash: str, new_hash: str) -> None:
    """Let the sessions opened with one password go on under another, in the caller's transaction.

    The caller holds the user's row, and knows that nobody else has changed the password in between.
    """
    # In the order in which everybody locks them.
    for session in session_rows().unended().filter(user_id=pk_of(user)).order_by("pk"):
        if is_fingerprint_of(session.fingerprint, old_hash, sid=session.id):
            unmoved = session_rows().filter(pk=session.id, fingerprint=session.fingerprint)
            unmoved.update(fingerprint=fingerprint_of(new_hash, sid=session.id))


def _replace(changed: Any, *, old_hash: str, sid: str, request: HttpRequest | None) -> TokenPair:
    current, now = _unended_session(sid), timezone.now()
    lifetimes = lifetimes_from(current.created_at, now=now)
    successor = new_session(changed, lifetimes, opened_at=current.created_at, request=request)
    ended: set[str] = set()

    def write() -> None:
        if not _user_rows(changed, password=old_hash).update(password=changed.password):
            raise InvalidCredentials
        mine = session_rows().filter(user_id=changed.pk).dangerous(now=now).order_by("pk")
        # Locked before they are looked at: a logout that is under way decides first.
        ending = {session.id: session for session in mine.select_for_update()}
        if sid not in ending or ending[sid].ended_at is not None:
            raise TokenRevoked
        is_for_all = conf().end_on_password_change
        ended.update(ending if is_for_all else [sid])
        sessions.end_rows(ended)
        if is_for_all:
            unseen.revoke_of_user(changed.pk)
        else:
            move_fingerprints(changed, old_hash=old_hash, new_hash=changed.password)
        # For whoever listens; the row has it already.
        changed.save(update_fields=["password"])
        opening.insert(successor)

    def again() -> None:
        if session_rows().filter(pk=successor.pk).exists():
            # Only now does somebody wait until every store has heard of it.
            sessions.end_rows(ended)
        else:
            # Undone, and asked anew: the caller may have been logged out in between.
            write()

    with because(Reason.PASSWORD_CHANGED, actor=OWNER, request=request):
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


def _user_rows(user: Any, **conditions: Any) -> QuerySet[Any]:
    users: QuerySet[Any] = type(user)._base_manager.using(primary_database())
    return users.filter(pk=user.pk, **conditions)
