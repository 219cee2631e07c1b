"""Signals of `graphql_jwt.refresh_token`, for receivers that were written for it.

Their refresh token is a row; ours is signed, and nothing of it is stored. What receivers get has
what they are documented to use.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from graphql_jwt.refresh_token import signals

from ..claims import RefreshClaims
from ..issue import TokenPair
from ..models import primary_database


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token that is no longer good."""

    user: Any
    revoked: datetime | None = None
    # What it was is nobody's to know any more.
    token: str = ""

    def revoke(self, request: Any = None) -> None:
        """Do nothing: it was rotated, or its session has ended."""


def announce_rotated(sender: Any, *, request: Any, pair: TokenPair) -> None:
    """Tell that a refresh token was exchanged for that of `pair`."""
    signals.refresh_token_rotated.send(
        sender=sender,
        request=request,
        refresh_token=RefreshToken(user=pair.user, revoked=timezone.now()),
        refresh_token_issued=pair.refresh_token,
    )


def announce_revoked(sender: Any, *, request: Any, claims: RefreshClaims, moment: datetime) -> None:
    """Tell that the session of a refresh token has ended."""
    if not signals.refresh_token_revoked.has_listeners(sender):
        return
    user = get_user_model()._base_manager.using(primary_database()).filter(pk=claims.sub).first()
    signals.refresh_token_revoked.send(
        sender=sender, request=request, refresh_token=RefreshToken(user=user, revoked=moment)
    )
