"""Open sessions by the million on SQLite, revoke some, and show what their status list costs.

`python -m benchmarks.status_list`: its size stands beside what the draft says of a million entries
(draft-ietf-oauth-status-list, appendix B). The exit code is 1 if it is above that by a tenth.
"""

import json
import os
import random
import resource
import secrets
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
import jwt
from jwt.utils import base64url_decode

SESSIONS = 1_000_000
USERS = 1000
_AT_ONCE = 10_000
# Compressed bytes of a list of a million entries, by the share of them that is revoked.
DRAFT = {
    0.0001: 442,
    0.001: 2.2 * 1024,
    0.01: 13.7 * 1024,
    0.02: 23.0 * 1024,
    0.05: 43.9 * 1024,
    0.10: 67.6 * 1024,
    0.25: 102.2 * 1024,
    0.50: 122.1 * 1024,
}
MORE_THAN_DRAFT = 1.10


@dataclass(frozen=True)
class Figure:
    """One list: what it says, how large it is, and how much processor time it took."""

    revoked_share: float
    revoked: int
    compressed_bytes: int
    draft_bytes: int | None
    response_bytes: int
    seconds: float
    is_as_small_as_promised: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, run, print, and leave with what became of the promise."""
    parser = ArgumentParser(prog="python -m benchmarks.status_list", description=__doc__)
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="default: %(default)s")
    parser.add_argument(
        "--revoked",
        type=float,
        nargs="+",
        choices=DRAFT,
        default=list(DRAFT),
        help="shares of them, ascending (default: each of which the draft gives the size)",
    )
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(arguments)
    with prepared():
        began = time.monotonic()
        open_sessions(options.sessions)
        print(f"{options.sessions:,} sessions opened in {time.monotonic() - began:.0f} s")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        figures = list(measured(options.sessions, options.revoked))
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"memory: {more / 1024:.0f} MB more than before, at the most")
    if options.json:
        told = {"sessions": options.sessions, "memory_mb": more / 1024}
        options.json.write_text(
            json.dumps(told | {"lists": [asdict(figure) for figure in figures]}, indent=2) + "\n"
        )
    sys.exit(not all(figure.is_as_small_as_promised for figure in figures))


@contextmanager
def prepared() -> Iterator[None]:
    """Set Django up with an empty SQLite database, a key pair, and lists that are served."""
    with TemporaryDirectory(prefix="status-list-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "api.settings",
            "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        }
        django.setup()
        from django.core.management import call_command
        from django.db import connections
        from django.test.utils import override_settings

        call_command("migrate", verbosity=0, interactive=False)
        with override_settings(GRAPHQL_JWT=_key_pair(), REVOCATION=_served()):
            try:
                yield
            finally:
                connections.close_all()


def open_sessions(count: int) -> None:
    """Write rows as that many sign-ins of `USERS` users would have left them."""
    from django.contrib.auth import get_user_model
    from django.db import connection, transaction
    from django.utils import timezone

    from revocation.claims import new_id
    from revocation.models import StatusTicket, fingerprint_of
    from revocation.status_index import CHUNK_SIZE, order_of

    users = get_user_model().objects
    users.bulk_create(
        users.model(username=f"user{number}", password=secrets.token_hex(40))
        for number in range(USERS)
    )
    passwords = list(users.values_list("pk", "password"))
    now = timezone.now()

    def row(number: int) -> tuple[Any, ...]:
        sid, (pk, password) = new_id(), passwords[number % USERS]
        chunk, place = divmod(number, CHUNK_SIZE)
        position = chunk * CHUNK_SIZE + order_of(chunk)[place]
        return sid, pk, fingerprint_of(password, sid=sid), position

    insert = (
        "INSERT INTO revocation_session (id, user_id, fingerprint, status_position, generation, "
        "created_at, rotated_at, expires_at, access_expires_at, ip_address, user_agent) VALUES "
        f"(%s, %s, %s, %s, 0, '{now}', '{now}', '{now + timedelta(days=7)}', "
        f"'{now + timedelta(minutes=5)}', '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64) Firefox')"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(insert, map(row, range(1, count + 1)))
    StatusTicket.objects.create(pk=count, taken_at=now - timedelta(hours=1))


def measured(count: int, shares: Sequence[float]) -> Iterator[Figure]:
    """Revoke more and more of them, and make the list each time."""
    from django.utils import timezone

    from revocation.models import Session
    from revocation.status_list import build

    sids = list(Session.objects.values_list("pk", flat=True))
    random.Random(1).shuffle(sids)
    ended = 0
    print("revoked   compressed   draft says   response   processor")
    for share in shares:
        more = sids[ended : round(share * count)]
        for start in range(0, len(more), _AT_ONCE):
            Session.objects.filter(pk__in=more[start : start + _AT_ONCE]).update(
                ended_at=timezone.now()
            )
        ended += len(more)
        began = time.process_time()
        made = build(0)
        seconds = time.process_time() - began
        said = jwt.decode(made.token, options={"verify_signature": False})["status_list"]
        size = len(base64url_decode(said["lst"]))
        expected = round(DRAFT[share]) if count == SESSIONS else None
        is_small = expected is None or size <= expected * MORE_THAN_DRAFT
        yield Figure(share, ended, size, expected, len(made.token), round(seconds, 2), is_small)
        print(
            f"{share:7.2%} {_kb(size):>12} {_kb(expected):>12} {_kb(len(made.token)):>10} "
            f"{seconds:9.1f} s{'' if is_small else '   ABOVE THE DRAFT'}"
        )


def _kb(size: int | None) -> str:
    return "-" if size is None else f"{size / 1024:.1f} KB"


def _key_pair() -> dict[str, Any]:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    return {
        "JWT_ALGORITHM": "ES256",
        "JWT_PRIVATE_KEY": private.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        ).decode(),
        "JWT_PUBLIC_KEY": private.public_key()
        .public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    }


def _served() -> dict[str, Any]:
    return {"STATUS_LIST_URL": "https://api.example.com/status"}


if __name__ == "__main__":
    main()
