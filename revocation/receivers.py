"""What happens outside our verbs and changes a verdict: users saved or deleted."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, connections, transaction
from django.db.models.signals import post_delete, post_save, pre_save

from . import journal, passwords, sessions
from .models import Session, primary_database, session_rows


def connect() -> None:
    """Listen to the user model."""
    model = get_user_model()
    for signal, receiver in (
        (pre_save, _remember_rehash),
        (post_save, _note_save),
        (post_delete, _note_delete),
    ):
        signal.connect(receiver, sender=model, dispatch_uid=f"revocation.{receiver.__name__}")


def _remember_rehash(instance: AbstractBaseUser, update_fields: Any, using: str, **_: Any) -> None:
    if using == primary_database():
        passwords.remember_rehash(instance, update_fields=update_fields)


def _note_save(instance: AbstractBaseUser, created: bool, raw: bool, using: str, **_: Any) -> None:
    journal.note_change()
    if created and not raw and using == primary_database():
        # Somebody else may have had this primary key, and been deleted behind Django's back.
        _end_with(instance)


def _note_delete(instance: AbstractBaseUser, using: str, **_: Any) -> None:
    journal.note_change()
    # A copy of the user in another database is not the user.
    if using == primary_database():
        # The primary key may be given to somebody else one day.
        _end_with(instance)


def _end_with(user: AbstractBaseUser) -> None:
    """End the user's sessions in the transaction that saves or deletes the user, and only then."""
    using = primary_database()
    try:
        with transaction.atomic(using=using):
            unended = session_rows().unended().filter(user_id=user.pk)
            sessions.end_rows(unended.values_list("pk", flat=True))
    except DatabaseError:
        # Users may be saved before our tables are made.
        if Session._meta.db_table in connections[using].introspection.table_names():
            raise
