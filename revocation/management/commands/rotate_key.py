"""Replace the key that signs tokens, and sign nobody out."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as AnyDatabaseError
from django.utils import timezone

from revocation import rotation
from revocation.conf import conf
from revocation.keyfile import KeySet, only_writer, read_keys, write_keys
from revocation.problems import ALGORITHMS
from revocation.rotation import SETTLED_AFTER, RotationRefused

_STEPS = ("create", "activate", "retire", "remove", "leaked", "list")


class Command(BaseCommand):
    """Each step replaces the file once, whole or not at all; an interrupted one is run again."""

    help = (
        "Rotate the signing key in REVOCATION['KEYS_FILE']. Without an option: publish a new key, "
        "which signs nothing yet. Then --activate, and after a refresh token's life --retire."
    )
    # The file may be what they would miss.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one step, or none for the first."""
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--create", action="store_true", help="make the file, with a new key")
        one.add_argument("--activate", action="store_true", help="let the published key sign")
        one.add_argument(
            "--retire", action="store_true", help="leave out previous keys that no session needs"
        )
        one.add_argument("--remove", metavar="KID", help="leave out this key, which does not sign")
        one.add_argument(
            "--leaked",
            metavar="KID",
            nargs="*",
            help="leave these keys out now, or all there are: their tokens are refused",
        )
        one.add_argument("--list", action="store_true", help="change nothing")
        parser.add_argument(
            "--algorithm",
            choices=sorted(ALGORITHMS),
            help="what a new key is for (default: what the current one is for)",
        )
        parser.add_argument(
            "--force", action="store_true", help="take the step though it may sign somebody out"
        )

    def handle(self, **options: Any) -> None:
        """Take the step, and say what there is now and what comes next."""
        step = next((name for name in _STEPS if options[name] not in (None, False)), "publish")
        path = self._path()
        try:
            with only_writer(path):
                said = getattr(self, f"_{step}")(path, now=timezone.now(), **options)
                self._show(read_keys(path))
        except RotationRefused as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        except AnyDatabaseError as error:
            raise CommandError(
                "The database does not say whose tokens need which key. Nothing was changed."
            ) from error
        except OSError as error:
            raise CommandError(
                f"{path} cannot be replaced ({error.strerror}). Nothing was changed. Run this as "
                "its owner, where its folder can be written to."
            ) from error
        self.stdout.write(self.style.SUCCESS(said))

    @staticmethod
    def _path() -> Path:
        try:
            path = conf().keys_file
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if path is None:
            raise CommandError(
                "REVOCATION['KEYS_FILE'] is not set. Set it to where the keys are to be, in a "
                "folder that this user can write to, for instance /var/lib/api/jwt-keys.json."
            )
        return path

    def _create(self, path: Path, *, algorithm: str | None, now: datetime, **_: Any) -> str:
        if path.exists():
            return "They were there before; nothing was changed."
        write_keys(path, rotation.created(algorithm or conf().algorithm, now=now))
        return "This key signs from now on."

    def _publish(self, path: Path, *, algorithm: str | None, now: datetime, **_: Any) -> str:
        is_there = path.exists()
        before = read_keys(path) if is_there else rotation.taken_over(now=now)
        wanted = algorithm or before.current.key.algorithm
        keys = rotation.published(before, wanted, now=now)
        if keys.next is None or keys.next.key.algorithm != wanted:
            raise RotationRefused(
                "A key for another algorithm is published already: --activate or --remove it."
            )
        if keys is not before:
            write_keys(path, keys)
        first = "" if is_there else "First restart every worker with KEYS_FILE set. "
        return (
            "The next key is accepted, and signs nothing yet. "
            f"{first}From {keys.next.since + SETTLED_AFTER:%H:%M:%S %Z} on: "
            "manage.py rotate_key --activate"
        )

    def _activate(self, path: Path, *, now: datetime, force: bool, **_: Any) -> str:
        write_keys(path, rotation.activated(read_keys(path), now=now, is_forced=force))
        needed_until = now + SETTLED_AFTER + conf().refresh_lifetime
        return (
            "The new key signs. The one before is accepted for the tokens that it signed. From "
            f"{needed_until:%Y-%m-%d %H:%M %Z} on: manage.py rotate_key --retire"
        )

    def _retire(self, path: Path, *, now: datetime, **_: Any) -> str:
        before = read_keys(path)
        keys = rotation.retired(before, now=now)
        gone = len(before.previous) - len(keys.previous)
        if gone:
            write_keys(path, keys)
        kept = f" Kept {len(keys.previous)}: tokens need them." if keys.previous else ""
        return f"Left out {gone} previous keys.{kept}"

    def _remove(self, path: Path, *, remove: str, now: datetime, force: bool, **_: Any) -> str:
        write_keys(path, rotation.removed(read_keys(path), remove, now=now, is_forced=force))
        return f"Left out {remove}. What it signed is refused, a second from now everywhere."

    def _leaked(
        self, path: Path, *, leaked: list[str], algorithm: str | None, now: datetime, **_: Any
    ) -> str:
        before = read_keys(path)
        algorithm = algorithm or before.current.key.algorithm
        write_keys(path, rotation.without_leaked(before, leaked, algorithm, now=now))
        return (
            f"Left out {', '.join(leaked) or 'every key there was'}. What they signed is refused, "
            "a second from now by each worker that has this file; services that keep published "
            "keys accept it for five minutes more. Whoever had a key may have exchanged a forged "
            "token for one of another key. Next: manage.py revoke --all"
        )

    def _list(self, path: Path, *, now: datetime, **_: Any) -> str:
        keys = read_keys(path)
        lines = []
        for dated in keys.previous:
            users = rotation.users_of(dated, now=now)
            until = f", until {users.until:%Y-%m-%d %H:%M %Z}" if users.until else ""
            lines.append(f"{users.sessions} sessions need {dated.key.kid}{until}.")
        return "\n".join(lines) or "No session needs another key than the current one."

    def _show(self, keys: KeySet) -> None:
        for status, dated in keys:
            since = f"{dated.since:%Y-%m-%d %H:%M:%S %Z}"
            self.stdout.write(f"{status:8}  {dated.key.kid}  {dated.key.algorithm}  since {since}")
