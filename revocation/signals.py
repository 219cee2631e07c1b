"""What receivers of other apps may listen to. Every signal carries the session, never a token."""

from django.dispatch import Signal

# sender=Session, session, request (None outside a request): somebody signed in.
session_opened = Signal()

# sender=Session, session, request: the refresh token of a session was rotated.
session_rotated = Signal()

# sender=Session, session, reason (a `sessions.EndReason`): a session ended; sent once per session.
session_ended = Signal()

# sender=Session, session: a rotated refresh token came back; the session has been ended.
refresh_reused = Signal()
