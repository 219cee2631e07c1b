"""Django's own signals of who came and went, for receivers that know of nothing else.

`user_logged_in` is sent once for each sign-in, and Django's own receiver of it notes `last_login`;
`user_logged_out`, once for each session that its user ended. What a receiver raises undoes nothing.
"""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from .occasions import Reason
from .signals import session_ended, session_opened

# The user's own doing; whoever else ends a session logs nobody out by Django's meaning.
_LOGGING_OUT = frozenset(
    {Reason.LOGOUT, Reason.LOGOUT_ALL, Reason.REVOKE_SESSION, Reason.REVOKE_TOKEN}
)
# As Django hides it.
_HIDDEN = "*" * 20


def connect() -> None:
    """Listen to what happens to sessions."""
    session_opened.connect(_note_opened, dispatch_uid="revocation.logins")
    session_ended.connect(_note_ended, dispatch_uid="revocation.logins")


def tell_failed(username: str | None, *, request: Any) -> None:
    """Say of a sign-in that failed what Django's `authenticate` says, where that was not asked."""
    credentials = {"username": username, "password": _HIDDEN}
    user_login_failed.send_robust(sender=__name__, credentials=credentials, request=request)


def _note_opened(*, session: Any, reason: Reason, request: Any, **_: Any) -> None:
    if reason is Reason.SIGN_IN:
        user = session.user
        # Not `type`: it may be a request's, which is lazy, and some listen to the model alone.
        user_logged_in.send_robust(sender=user.__class__, request=request, user=user)


def _note_ended(*, session: Any, reason: Reason, request: Any, **_: Any) -> None:
    if reason in _LOGGING_OUT:
        user = session.user
        user_logged_out.send_robust(sender=user.__class__, request=request, user=user)
