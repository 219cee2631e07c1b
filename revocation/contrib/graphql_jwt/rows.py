"""Rows of `graphql_jwt.refresh_token` that are made while our handlers are in force.

Such a row knows of no session. So that no logout leaves one alive, it is revoked when it is made.
"""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save
from django.utils import timezone

from ...written import has_our_handler, jwt_setting


def connect() -> None:
    """Listen to whichever model the settings name."""
    post_save.connect(_revoke_new, dispatch_uid="revocation.contrib.graphql_jwt")


def _revoke_new(sender: type[Model], instance: Any, created: bool, using: str, **_: Any) -> None:
    if not created or sender._meta.label_lower != jwt_setting("JWT_REFRESH_TOKEN_MODEL").lower():
        return
    if has_our_handler("JWT_GET_REFRESH_TOKEN_HANDLER") and instance.revoked is None:
        instance.revoked = timezone.now()
        instance.save(using=using, update_fields=["revoked"])
