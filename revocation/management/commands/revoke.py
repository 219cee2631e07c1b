"""End sessions by hand."""

import sys
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from revocation import blacklist, sessions
from revocation.claims import AccessClaims, RefreshClaims
from revocation.errors import (
    RefreshRejected,
    RevocationError,
    SessionEnded,
    TokenInvalid,
    TokenRevoked,
    Unauthenticated,
)
from revocation.legacy.access import read_legacy_access
from revocation.legacy.refresh import read_legacy_refresh
from revocation.occasions import Reason, because
from revocation.tokens import read_access, read_refresh


class Command(BaseCommand):
    """The operator's logout."""

    help = "Revoke one token, one session, all sessions of a user, or all there are."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take exactly one thing to revoke."""
        one = parser.add_mutually_exclusive_group(required=True)
        one.add_argument("--user", metavar="NAME", help="end every session of this user")
        one.add_argument("--session", metavar="ID", help="end this session")
        one.add_argument(
            "--token",
            metavar="TEXT",
            help="revoke this access token, or end the session of this refresh token; "
            "'-' reads it from standard input and keeps it out of the process list",
        )
        one.add_argument("--all", action="store_true", help="end every session of everybody")

    def handle(self, **options: Any) -> None:
        """Revoke, and say what was revoked."""
        verbs: dict[str, Callable[[Any], str]] = {
            "user": self._revoke_user,
            "session": self._revoke_session,
            "token": self._revoke_token,
            "all": self._revoke_all,
        }
        [name] = [name for name in verbs if options[name] not in (None, False)]
        try:
            with because(Reason.COMMAND):
                done = verbs[name](options[name])
        except RevocationError as error:
            raise CommandError(f"Nothing was revoked: {error}.") from error
        self.stdout.write(self.style.SUCCESS(done))

    def _revoke_user(self, name: str) -> str:
        model = get_user_model()
        try:
            # Nobody is called so, and some databases refuse to be asked.
            user = None if "\0" in name else model._default_manager.get_by_natural_key(name)
        except model.DoesNotExist:
            user = None
        if user is None:
            raise CommandError(f"There is no user {name!r}. Give the {model.USERNAME_FIELD}.")
        return f"Ended {sessions.end_all(user)} sessions of {name!r}."

    def _revoke_session(self, sid: str) -> str:
        if not sessions.end_by_id(sid):
            raise CommandError(f"There is no session {sid!r}. The admin lists them all.")
        return f"Ended session {sid}."

    def _revoke_token(self, text: str) -> str:
        text = sys.stdin.read().strip() if text == "-" else text
        try:
            claims = read_access(text, is_expired_ok=True)
        except Unauthenticated:
            return self._revoke_refresh(text)
        blacklist.revoke_token(claims)
        return f"Revoked access token {claims.jti}; its session {claims.sid} goes on."

    def _revoke_refresh(self, text: str) -> str:
        try:
            claims = read_refresh(text, is_expired_ok=True)
        except RefreshRejected:
            return self._revoke_legacy(text)
        sessions.end(claims)
        return f"Ended session {claims.sid} of the refresh token."

    def _revoke_legacy(self, text: str) -> str:
        try:
            claims = self._legacy_claims(text)
        except (TokenRevoked, SessionEnded):
            return "This legacy token was revoked before."
        except (Unauthenticated, RefreshRejected):
            raise CommandError("This is no token that our keys signed.") from None
        sessions.end(claims)
        return f"Ended session {claims.sid} of the legacy token."

    @staticmethod
    def _legacy_claims(text: str) -> AccessClaims | RefreshClaims:
        try:
            return read_legacy_access(text, is_ending=True)
        except TokenInvalid:
            return read_legacy_refresh(text, is_ending=True)

    def _revoke_all(self, _: bool) -> str:
        total = 0
        for ended in sessions.end_everything():
            total += ended
            self.stdout.write(f"{total} sessions so far")
        return f"Ended {total} sessions, everybody's."
