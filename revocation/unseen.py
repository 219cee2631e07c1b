"""Legacy tokens that nobody has presented since the upgrade: how they are revoked unseen.

Before it is adopted a legacy token has no session that could end. So whatever ends all sessions of
a user puts a key on the blacklist as well, which adoption asks for. Nobody knows when the last such
token expires, and the date until which they are accepted may be moved: these keys stay for good.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from .claims import Key
from .stores import current_store
from .written import own_setting

# Far enough, and near enough that a margin can be added.
FOR_GOOD = datetime(2999, 12, 31, tzinfo=UTC)

_EVERYBODY = ("everybody",)


def may_exist() -> bool:
    """Whether legacy tokens are accepted, or were until lately, or will be."""
    return own_setting("ACCEPT_LEGACY_UNTIL") is not None


def naming_fields() -> list[str]:
    """Return the fields of the user model whose value a legacy token may have in place of a key."""
    model = get_user_model()
    fields = {model.USERNAME_FIELD, getattr(settings, "SIMPLE_JWT", {}).get("USER_ID_FIELD", "id")}
    return sorted(fields - {"pk", model._meta.pk.name} & {f.name for f in model._meta.fields})


def keys(pk: Any, *, called: tuple[str, Any] | None) -> list[Key]:
    """Return what revokes an unseen token of a user; `called` is a field by which it names them."""
    named = [] if called is None else [_key("name", *called)]
    return [_key(*_EVERYBODY), _key("user", pk), *named]


def revoke_of_user(pk: Any) -> None:
    """Revoke every unseen token of a user, in the caller's transaction."""
    _revoke([_key("user", pk)])


def is_revoked_of_user(pk: Any) -> bool:
    """Whether that was done, and not undone; nothing is to be done where there can be none."""
    return not may_exist() or bool(current_store().revoked([_key("user", pk)]))


def revoke_named(names: Iterable[tuple[str, Any]]) -> None:
    """Revoke every unseen token that names a user so (a field and its value), whoever that is."""
    _revoke([_key("name", field, name) for field, name in names])


def revoke_everybodys() -> None:
    """Revoke every unseen token, in the caller's transaction."""
    _revoke([_key(*_EVERYBODY)])


def _revoke(wanted: list[Key]) -> None:
    if wanted and may_exist():
        current_store().revoke(wanted, until=FOR_GOOD)


def _key(*parts: Any) -> Key:
    text = "\0".join(map(str, parts))
    return blake2b(
        text.encode(errors="surrogatepass"), digest_size=16, person=b"unseen"
    ).hexdigest()
