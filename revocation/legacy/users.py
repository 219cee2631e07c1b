"""What happens to users and revokes the legacy tokens of theirs that nobody has seen yet.

Sessions have a fingerprint of the password, and end with their user. A token without a session
would know nothing of a password that was changed, or of a name that went to somebody else.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model

from .. import unseen
from ..claims import pk_of
from ..conf import conf
from ..models import primary_database


def note_save(user: Any, *, update_fields: Any) -> None:
    """Before a user is saved: revoke what the change is to end.

    Before, for between the save and what comes after it a token could be adopted, or the process
    be killed.
    """
    deciding = {"password", "is_active", *unseen.naming_fields()}
    if update_fields is not None and deciding.isdisjoint(update_fields):
        return
    stored = _stored(user)
    if stored is None:
        _note_new(user)
        return
    saved = {**stored.__dict__, **dict(_changes(user, update_fields))}
    is_deactivated = not saved.get("is_active", True) and conf().end_on_deactivation
    if is_deactivated or (saved["password"] != stored.password and conf().end_on_password_change):
        unseen.revoke_of_user(stored.pk)
    for field in unseen.naming_fields():
        column = user._meta.get_field(field).attname
        old, new = stored.__dict__[column], saved[column]
        if new != old:
            # Neither who gave a name up nor who took it over has tokens under it.
            unseen.revoke_named([(field, old), *_free([(field, new)])])


def note_delete(user: Any) -> None:
    """When a user is deleted, in that transaction: somebody else may have key and names one day."""
    unseen.revoke_of_user(pk_of(user))
    unseen.revoke_named(_names(user))


def _note_new(user: Any) -> None:
    """A new user may have the name of one who went. Usually the day of joining tells them apart."""
    if getattr(user, "date_joined", None) is None:
        unseen.revoke_named(_free(_names(user)))


def _free(names: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Leave out what somebody is called: who merely wants to be called so revokes nothing."""
    users = get_user_model()._base_manager.using(primary_database())
    return [(field, name) for field, name in names if not users.filter(**{field: name}).exists()]


def _stored(user: Any) -> Any:
    if pk_of(user) is None:
        return None
    return get_user_model()._base_manager.using(primary_database()).filter(pk=pk_of(user)).first()


def _changes(user: Any, update_fields: Any) -> Iterator[tuple[str, Any]]:
    """Yield the columns that this save writes, as far as they are plain values."""
    for field in user._meta.concrete_fields:
        if update_fields is not None and {field.name, field.attname}.isdisjoint(update_fields):
            continue
        value = user.__dict__.get(field.attname, field)
        # Deferred, or said in SQL: `F("password")`, for one, changes nothing.
        if value is not field and not hasattr(value, "resolve_expression"):
            yield field.attname, value


def _names(user: Any) -> list[tuple[str, Any]]:
    """Return what a user is called, as far as the object says: of a deferred field it does not."""
    columns = [(name, user._meta.get_field(name).attname) for name in unseen.naming_fields()]
    return [(name, user.__dict__[column]) for name, column in columns if column in user.__dict__]
