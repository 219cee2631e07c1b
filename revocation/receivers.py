"""What happens outside our verbs and changes a verdict: users saved or deleted."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, connections, transaction
from django.db.models import Model
from django.db.models.signals import class_prepared, post_delete, post_save, pre_save
from django.utils import timezone

from . import journal, passwords, sessions
from .models import Session, primary_database, session_rows

_SAVED_SINCE = "_revocation_saved_since"


def connect() -> None:
    """Listen to the user model and to its proxies, whose rows are the same."""
    for model in apps.get_models():
        _listen_to(model)
    class_prepared.connect(_listen_to, dispatch_uid="revocation")


def _listen_to(sender: type[Model], **_: Any) -> None:
    if sender._meta.concrete_model is not get_user_model()._meta.concrete_model:
        return
    for signal, receiver in (
        (pre_save, _prepare_save),
        (post_save, _note_save),
        (post_delete, _note_delete),
    ):
        signal.connect(receiver, sender=sender, dispatch_uid=f"revocation.{receiver.__name__}")


def _prepare_save(instance: AbstractBaseUser, update_fields: Any, using: str, **_: Any) -> None:
    if using == primary_database():
        setattr(instance, _SAVED_SINCE, timezone.now())
        passwords.hold_rehash(instance, update_fields=update_fields)


def _note_save(instance: AbstractBaseUser, created: bool, raw: bool, using: str, **_: Any) -> None:
    journal.note_change()
    passwords.release_rehash(instance)
    since = instance.__dict__.pop(_SAVED_SINCE, None)
    if created and not raw and since is not None and using == primary_database():
        # Somebody else may have had this primary key, and been deleted behind Django's back.
        _end_with(instance, created_at__lte=since)


def _note_delete(instance: AbstractBaseUser, using: str, **_: Any) -> None:
    journal.note_change()
    # A copy of the user in another database is not the user.
    if using == primary_database():
        # The primary key may be given to somebody else one day.
        _end_with(instance)


def _end_with(user: AbstractBaseUser, **which: datetime) -> None:
    """End the user's sessions in the transaction that saves or deletes the user, and only then."""
    using = primary_database()
    try:
        with transaction.atomic(using=using):
            unended = session_rows().unended().filter(user_id=user.pk, **which)
            sessions.end_rows(unended.values_list("pk", flat=True))
    except DatabaseError:
        # Users may be saved before our tables are made.
        if Session._meta.db_table in connections[using].introspection.table_names():
            raise
