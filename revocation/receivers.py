"""What happens outside our verbs and changes a verdict: users saved or deleted.

And what happens beside them: a sign-in takes a bite out of what has expired.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, connections, transaction
from django.db.models import Model
from django.db.models.signals import class_prepared, post_delete, post_save, pre_save
from django.utils import timezone

from . import bites, guard, journal, occasions, passwords, sessions, signals, standing, unseen
from .claims import pk_of
from .conf import conf
from .legacy import users
from .models import Session, is_fingerprint_of, primary_database, session_rows
from .occasions import Reason

_SAVED_SINCE = "_revocation_saved_since"
_STOOD = "_revocation_stood"


def connect() -> None:
    """Listen to the user model and to its proxies, whose rows are the same; and to sign-ins."""
    for model in apps.get_models():
        _listen_to(model)
    class_prepared.connect(_listen_to, dispatch_uid="revocation")
    signals.session_opened.connect(bites.now_and_then, dispatch_uid="revocation")


def _listen_to(sender: type[Model], **_: Any) -> None:
    if not _is_user_model(sender):
        return
    for signal, receiver in (
        (pre_save, _prepare_save),
        (post_save, _note_save),
        (post_delete, _note_delete),
    ):
        signal.connect(receiver, sender=sender, dispatch_uid=f"revocation.{receiver.__name__}")


def _is_user_model(model: type[Model]) -> bool:
    """Whether rows of the user model are saved with it: it is that, a proxy of it, or a child."""
    users = get_user_model()._meta.concrete_model
    return model._meta.concrete_model is users or users in model._meta.get_parent_list()


def _prepare_save(
    *,
    sender: type[Model],
    instance: AbstractBaseUser,
    raw: bool,
    update_fields: frozenset[str] | None,
    using: str,
    **_: Any,
) -> None:
    if using == primary_database():
        update_fields = _written(sender, raw=raw, update_fields=update_fields)
        setattr(instance, _SAVED_SINCE, timezone.now())
        passwords.hold_rehash(instance, update_fields=update_fields)
        instance.__dict__[_STOOD] = standing.before_save(instance, update_fields=update_fields)
        if unseen.may_exist():
            _in_our_tables(partial(users.note_save, instance, update_fields=update_fields))


def _note_save(
    *,
    sender: type[Model],
    instance: AbstractBaseUser,
    created: bool,
    raw: bool,
    update_fields: frozenset[str] | None,
    using: str,
    **_: Any,
) -> None:
    journal.note_change()
    is_only_hashed_anew = passwords.release_rehash(instance)
    since = instance.__dict__.pop(_SAVED_SINCE, None)
    stood = instance.__dict__.pop(_STOOD, None)
    # A copy of the user in another database is not the user.
    if since is None or using != primary_database() or is_only_hashed_anew:
        return
    # The row of a child may be new and its user's not.
    is_new = created and sender._meta.concrete_model is get_user_model()._meta.concrete_model
    if is_new and not raw:
        # Somebody else may have had this primary key, and been deleted behind Django's back.
        _end(instance, lambda session: session.created_at <= since, reason=Reason.USER_DELETED)
        return
    if stood is not None:
        _in_our_tables(partial(_follow, instance, stood))
    if not is_new:
        _heed(instance, _written(sender, raw=raw, update_fields=update_fields))


def _note_delete(instance: AbstractBaseUser, using: str, **_: Any) -> None:
    journal.note_change()
    if using == primary_database():
        # The primary key may be given to somebody else one day.
        _end(instance, lambda session: True, reason=Reason.USER_DELETED)
        if unseen.may_exist():
            _in_our_tables(partial(users.note_delete, instance))


def _follow(user: AbstractBaseUser, stood: standing.Standing) -> None:
    if standing.is_demoted(user, stood=stood):
        unseen.revoke_of_user(pk_of(user))
        _end(user, lambda session: True, reason=Reason.STAFF_LOST)


def _written(
    model: type[Model], *, raw: bool, update_fields: frozenset[str] | None
) -> frozenset[str] | None:
    """Return the fields that a save writes; None for all. Raw, it leaves out those of parents."""
    if not raw:
        return update_fields
    concrete: Any = model._meta.concrete_model
    return frozenset(field.name for field in concrete._meta.local_concrete_fields)


def _heed(user: AbstractBaseUser, written: frozenset[str] | None) -> None:
    """End the sessions that the user, as saved, no longer stands behind.

    The object may be from long ago: what the save has not written says nothing of the user.
    """
    # A store that looks at no user has to be told.
    if _may_be_written("is_active", written) and not user.is_active and conf().end_on_deactivation:
        _end(user, lambda session: True, reason=Reason.USER_DEACTIVATED)
    elif _may_be_written("password", written):
        _end(user, partial(_is_of_another_password, user), reason=Reason.PASSWORD_CHANGED)


def _may_be_written(name: str, written: frozenset[str] | None) -> bool:
    # Nobody knows which fields a property reads.
    return written is None or name in written or not standing.is_field(name)


def _is_of_another_password(user: AbstractBaseUser, session: Session) -> bool:
    return not is_fingerprint_of(session.fingerprint, user.password, sid=session.id)


def _end(user: AbstractBaseUser, which: Callable[[Session], bool], *, reason: Reason) -> None:
    """End sessions in the transaction that saves or deletes the user, and only with that.

    `reason` is why, unless whoever saves the user has said it.
    """

    def write() -> None:
        dangerous = session_rows().filter(user_id=pk_of(user)).dangerous(now=timezone.now())
        sessions.end_rows([session.id for session in dangerous if which(session)])

    if occasions.is_known():
        _in_our_tables(write)
        return
    request = journal.current_request()
    with occasions.because(reason, actor=guard.known_user(request), request=request):
        _in_our_tables(write)


def _in_our_tables(write: Callable[[], None]) -> None:
    using = primary_database()
    try:
        with transaction.atomic(using=using):
            write()
    except DatabaseError:
        # Users may be saved before our tables are made.
        if Session._meta.db_table in connections[using].introspection.table_names():
            raise
