"""What happens outside our verbs and changes a verdict: users saved or deleted."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models.signals import post_delete, post_save, pre_save

from . import journal, passwords, sessions


def connect() -> None:
    """Listen to the user model."""
    model = get_user_model()
    for signal, receiver in (
        (pre_save, _remember_rehash),
        (post_save, _forget_verdicts),
        (post_delete, _end_sessions),
    ):
        signal.connect(receiver, sender=model, dispatch_uid=f"revocation.{receiver.__name__}")


def _remember_rehash(instance: AbstractBaseUser, update_fields: Any, **_: Any) -> None:
    passwords.remember_rehash(instance, update_fields=update_fields)


def _forget_verdicts(**_: Any) -> None:
    journal.note_change()


def _end_sessions(instance: AbstractBaseUser, **_: Any) -> None:
    # The primary key may be given to somebody else one day.
    sessions.end_all(instance)
