"""What receivers of other apps may listen to. No signal carries a token, a password or a digest.

Every signal about a session or a token also has

- `reason`, a `revocation.occasions.Reason`: why;
- `actor`, the user who did it, or None where that is nobody, no user, or not known;
- `request`, in which it was done, or None outside a request;
- `client`, the name of the service that asked for it by OAuth, or None.

It is sent once, when what it tells of holds: after the commit, and after the journal has made it
again where the request's transaction was undone. What a receiver raises is logged and changes
nothing. Receivers take `**kwargs`: there may be more one day. Code of a project says why it ends
what it ends with `with revocation.occasions.because(reason, actor=…, request=…):` around the verb.
"""

from django.dispatch import Signal

# sender=Session, session: somebody signed in; or, with reason `password_changed`, the session that
# changed the password goes on under this new id.
session_opened = Signal()

# sender=Session, session: a token from before the upgrade was seen for the first time; its user
# signed in long ago.
session_adopted = Signal()

# sender=Session, session: the refresh token of a session was rotated.
session_rotated = Signal()

# sender=Session, session: a session ended; sent once per session.
session_ended = Signal()

# sender=Session, session: a rotated refresh token came back; the session has been ended.
refresh_reused = Signal()

# sender=RevokedToken, jti, sid, user_pk (as the token names it, a text): a single access token was
# revoked, and its session goes on.
token_revoked = Signal()

# The next two are about no session and have no reason and no actor: `door` is "sign-in",
# "change-password" or "second-factor", and `address` the network that is counted, or "".

# sender=FailedAttempt, door, address, request: a wrong password or code was entered.
attempt_failed = Signal()

# sender=FailedAttempt, door, address, counted_for, request: there were too many from the "address",
# or for the "account" as seen from it, and the next ones are refused unseen.
locked_out = Signal()

# sender=None, store ("database" or "redis"): that one did not answer. About no session, and sent at
# once, perhaps for each of many requests.
store_failed = Signal()
