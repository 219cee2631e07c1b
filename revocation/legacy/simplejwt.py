"""What is to be known of simplejwt: its settings, and what its blacklist app says of a token.

The package itself need not be installed, and is never imported.
"""

from hashlib import md5
from hmac import compare_digest
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ..claims import moment_of
from ..models import primary_database

_BLACKLIST_APP = "token_blacklist"
_DEFAULTS: dict[str, Any] = {
    "ALGORITHM": "HS256",
    "VERIFYING_KEY": "",
    "AUDIENCE": None,
    "ISSUER": None,
    "JWK_URL": None,
    "LEEWAY": 0,
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "user_id",
    "TOKEN_TYPE_CLAIM": "token_type",
    "JTI_CLAIM": "jti",
    "CHECK_REVOKE_TOKEN": False,
    "REVOKE_TOKEN_CLAIM": "hash_password",
}


def setting(name: str) -> Any:
    """Return a setting of `SIMPLE_JWT`, or simplejwt's default."""
    given = getattr(settings, "SIMPLE_JWT", {})
    return given.get(name, _DEFAULTS[name])


def verifying_key() -> Any:
    """Return the key that its signatures are verified with."""
    if str(setting("ALGORITHM")).startswith("HS"):
        return getattr(settings, "SIMPLE_JWT", {}).get("SIGNING_KEY", settings.SECRET_KEY)
    return setting("VERIFYING_KEY")


def jti_of(payload: Any) -> Any:
    """Return the token's id, by the name its settings give it."""
    return payload.get(setting("JTI_CLAIM"))


def is_of_another_password(payload: Any, user: Any) -> bool:
    """Whether the token was bound to a password that is no longer the user's."""
    if not setting("CHECK_REVOKE_TOKEN"):
        return False
    said = payload.get(setting("REVOKE_TOKEN_CLAIM"))
    # simplejwt's own choice; it only has to agree with what is in the token.
    digest = md5(user.password.encode(), usedforsecurity=False).hexdigest().upper()
    return not isinstance(said, str) or not compare_digest(said.encode(), digest.encode())


def has_blacklist() -> bool:
    """Whether simplejwt's blacklist app is installed."""
    return apps.is_installed("rest_framework_simplejwt.token_blacklist")


def is_blacklisted(jti: str) -> bool:
    """Whether simplejwt was told to refuse a token."""
    return has_blacklist() and rows("BlacklistedToken").filter(token__jti=jti).exists()


def blacklist(jti: str, *, user: Any, exp: int) -> bool:
    """Have simplejwt refuse a refresh token from now on; return whether it did not before.

    In the caller's transaction. Where the token is not in its table, it is noted without its text.
    """
    if not has_blacklist():
        return True
    outstanding, _ = rows("OutstandingToken").get_or_create(
        jti=jti,
        defaults={
            "user": user,
            "token": "",
            "created_at": timezone.now(),
            "expires_at": moment_of(exp),
        },
    )
    try:
        with transaction.atomic(using=primary_database()):
            rows("BlacklistedToken").create(token=outstanding)
    except IntegrityError:
        return False
    return True


def rows(model: str) -> Any:
    """Return a table of the blacklist app, on the primary database."""
    found: Any = apps.get_model(_BLACKLIST_APP, model)
    return found._base_manager.using(primary_database())
