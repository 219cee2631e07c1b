"""Where a user stood before a save and stands after it, for settings that sessions follow.

With the settings by default nothing is asked: what counts then, the verdict sees by itself.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connections

from . import opening, passwords
from .claims import pk_of
from .conf import conf
from .models import primary_database

# To lose one is a demotion. A model may have them as fields, as properties, or not at all.
_RIGHTS = ("is_staff", "is_superuser")
_NONE: frozenset[str] = frozenset()


class Standing(NamedTuple):
    """The stored hash of a user's password, and the rights whose loss counts."""

    password: str
    rights: frozenset[str]


def before_save(user: Any, *, update_fields: Collection[str] | None) -> Standing | None:
    """Return what a save may change and sessions follow; None where there is nothing such."""
    if pk_of(user) is None or not _may_matter(update_fields):
        return None
    using = primary_database()
    if connections[using].in_atomic_block:
        # Nobody else changes it until the save is committed.
        stored = opening.lock_user(pk_of(user))
    else:
        stored = get_user_model()._base_manager.using(using).filter(pk=pk_of(user)).first()
    if stored is None:
        return None
    standing = Standing(stored.password, _rights_of(stored) if conf().end_on_demotion else _NONE)
    return standing if standing.rights or not conf().end_on_password_change else None


def is_demoted(user: Any, *, stood: Standing) -> bool:
    """Whether a save took a right away, in the caller's transaction; if not, sessions follow it.

    The row says what was saved: the object may say more than that.
    """
    stored = opening.lock_user(pk_of(user))
    if stored is None:
        return False
    if stood.rights - _rights_of(stored):
        return True
    if not conf().end_on_password_change and stored.password != stood.password:
        passwords.move_fingerprints(user, old_hash=stood.password, new_hash=stored.password)
    return False


def known_rights() -> list[str]:
    """Return those rights that the user model knows."""
    return [name for name in _RIGHTS if hasattr(get_user_model(), name)]


def _may_matter(update_fields: Collection[str] | None) -> bool:
    names = set() if conf().end_on_password_change else {"password"}
    if conf().end_on_demotion:
        names.update(known_rights())
    if update_fields is None:
        return bool(names)
    # Nobody knows which fields a property reads.
    return any(name in update_fields or not is_field(name) for name in names)


def is_field(name: str) -> bool:
    """Whether the user model has a column of this name, and not a property, say."""
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _rights_of(user: Any) -> frozenset[str]:
    return frozenset(name for name in known_rights() if getattr(user, name))
