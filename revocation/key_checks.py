"""System checks of the signing keys. Each asks one question and gives a hint that can be pasted."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

from .keys import key_ring
from .problem import Problem
from .problems import problems
from .signing_key import UnusableKey, kid_of_secret
from .written import own_setting, written

_FEWEST_BYTES = 5
_NAMES_OF_KEYS = ("JWT_SECRET_KEY", "JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY")


def register() -> None:
    """Add the checks to `manage.py check`."""
    checks.register(check_keys, checks.Tags.security)
    for check in (
        check_key_of_its_own,
        check_secrets_known,
        check_file_is_private,
        check_keys_beside_the_file,
    ):
        checks.register(check, checks.Tags.security, deploy=True)


def check_keys(**_: Any) -> list[checks.CheckMessage]:
    """Do the keys sign what they verify, and can nobody guess them?"""
    found = _unusable()
    return [checks.Error(found.message, hint=found.hint, id=found.id)] if found else []


def check_key_of_its_own(**_: Any) -> list[checks.CheckMessage]:
    """Does one secret sign tokens and whatever else Django signs?"""
    if not _is_usable() or key_ring().kid != kid_of_secret(settings.SECRET_KEY):
        return []
    return [
        checks.Warning(
            "Tokens are signed with SECRET_KEY: neither can be changed without the other, and who "
            "learns one has both.",
            hint='Where nobody is signed in yet, set GRAPHQL_JWT["JWT_SECRET_KEY"] to what this '
            'prints: openssl rand -hex 48. Else set REVOCATION["KEYS_FILE"] and run `python '
            "manage.py rotate_key`, which signs nobody out.",
            id="revocation.W050",
        )
    ]


def check_secrets_known(**_: Any) -> list[checks.CheckMessage]:
    """Could strangers know a secret that opens the API, since it is written for everybody?"""
    secrets = key_ring().verifying if _is_usable() else {}
    return [
        checks.Error(
            f"The secret {kid}, which signs or verifies tokens, was made for development, or of "
            f"fewer than {_FEWEST_BYTES} different bytes: strangers write tokens with it.",
            hint="Where REVOCATION['KEYS_FILE'] is set: python manage.py rotate_key --leaked "
            f"{kid}. Else take it out of the settings, and write what this prints: "
            "openssl rand -hex 48. Then: python manage.py revoke --all",
            id="revocation.E067",
        )
        for kid, secret in secrets.items()
        if isinstance(secret, bytes) and _is_known(secret)
    ]


def check_file_is_private(**_: Any) -> list[checks.CheckMessage]:
    """Can every user of the machine sign tokens?"""
    if not _is_usable() or (path := own_setting("KEYS_FILE")) is None:
        return []
    return [
        checks.Warning(
            f"Everybody on this machine may read or replace REVOCATION['KEYS_FILE'], {path}.",
            hint=f"chmod {rights} {opened}",
            id="revocation.W051",
        )
        for opened, rights in _open_to_everybody(Path(path))
    ]


def check_keys_beside_the_file(**_: Any) -> list[checks.CheckMessage]:
    """Is there a key in the settings that nobody reads?"""
    if own_setting("KEYS_FILE") is None:
        return []
    given = written("GRAPHQL_JWT")
    unread = [f'GRAPHQL_JWT["{name}"]' for name in _NAMES_OF_KEYS if given.get(name)]
    if own_setting("PREVIOUS_KEYS"):
        unread.append('REVOCATION["PREVIOUS_KEYS"]')
    return [
        checks.Warning(
            f"{name} has no effect: the keys are those in REVOCATION['KEYS_FILE'].",
            hint=f"Remove it: del {name}",
            id="revocation.W052",
        )
        for name in unread
    ]


def _open_to_everybody(path: Path) -> Iterator[tuple[Path, str]]:
    if path.stat().st_mode & stat.S_IRWXO:
        yield path, "o="
    folder = path.resolve().parent
    # In a sticky one, nobody renames what is somebody else's.
    if folder.stat().st_mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH:
        yield folder, "o-w"


def _is_known(secret: bytes) -> bool:
    # As Django's own check of SECRET_KEY has it.
    return secret.startswith(b"django-insecure-") or len(set(secret)) < _FEWEST_BYTES


def _is_usable() -> bool:
    return not problems() and _unusable() is None


def _unusable() -> Problem | None:
    """Return what is wrong with the keys, where the settings are right."""
    try:
        if not problems():
            key_ring()
    except UnusableKey as error:
        return error.problem
    return None
