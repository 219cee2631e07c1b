"""Tell how far the upgrade has come, and what it changes. Nothing is written."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from revocation.conf import conf
from revocation.legacy.differences import differences
from revocation.legacy.remaining import Remaining, opaque_tokens, simplejwt_tokens
from revocation.problems import problems
from revocation.written import jwt_setting


class Command(BaseCommand):
    """For whoever upgrades a project with users who are signed in."""

    help = (
        "Report until when tokens from before the upgrade are accepted, how many refresh tokens "
        "are left to exchange, and what will be different for this project. Read-only."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form of the report."""
        parser.add_argument("--json", action="store_true", help="one JSON object on one line")

    def handle(self, **options: Any) -> None:
        """Report."""
        try:
            report = _report()
        except DatabaseError as error:
            raise CommandError(f"The tables cannot be read ({error}): run migrate.") from error
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        for line in _lines(report):
            self.stdout.write(line)


def _report() -> dict[str, Any]:
    found = problems()
    report: dict[str, Any] = {
        "problems": [{"id": one.id, "message": one.message, "hint": one.hint} for one in found],
        "differences": [one._asdict() for one in differences()],
    }
    if not found:
        until = conf().accept_legacy_until
        report |= {
            "accepted_until": _text(until),
            "is_accepting": until is not None and timezone.now() < until,
            "accepts_expired": conf().accept_legacy_expired,
            "left_to_exchange": {
                str(jwt_setting("JWT_REFRESH_TOKEN_MODEL")): _counted(opaque_tokens()),
                "token_blacklist.OutstandingToken": _counted(simplejwt_tokens()),
            },
        }
    return report


def _counted(remaining: Remaining | None) -> dict[str, Any] | None:
    if remaining is None:
        return None
    return {"count": remaining.count, "last_expires_at": _text(remaining.last_expires_at)}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _lines(report: dict[str, Any]) -> list[str]:
    lines = [f"{one['message']} {one['hint']} ({one['id']})" for one in report["problems"]]
    if lines:
        lines = ["Refused as the settings are:", *(f"  {line}" for line in lines), ""]
    else:
        lines = [_acceptance(report), "", "Refresh tokens left to exchange:"]
        for table, found in report["left_to_exchange"].items():
            lines.append(f"  {table}: {_left(found)}")
        lines.append("")
    lines.append("What will be different for this project:")
    return lines + [f"  {one['where']}: {one['what']}." for one in report["differences"]]


def _acceptance(report: dict[str, Any]) -> str:
    until = report["accepted_until"]
    if until is None:
        return "Tokens from before the upgrade are not accepted: ACCEPT_LEGACY_UNTIL is not set."
    if not report["is_accepting"]:
        return f"Tokens from before the upgrade have not been accepted since {until}."
    expired = "count as well" if report["accepts_expired"] else "do not count"
    return f"Tokens from before the upgrade are accepted until {until}; expired ones {expired}."


def _left(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not installed"
    last = found["last_expires_at"]
    return f"{found['count']}, the last one until {last}" if last else "none"
