"""People who use an API and people who administer it; none of them is anybody.

The networks and the domain are those that are kept for examples (RFC 5737, RFC 3849, RFC 2606).
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone

from revocation import sessions
from revocation.models import Session
from revocation.tokens import read_access
from tests.client import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148 Safari/604.1"
# Who, from where, with what, signed in how many hours ago, refreshed how many hours ago, and
# whether that session was ended.
DEVICES = [
    ("alice", "192.0.2.0", FIREFOX, 3, 0, False),
    ("alice", "2001:db8:4f2a::", PHONE, 52, 1, False),
    ("bob", "198.51.100.0", FIREFOX, 26, 2, True),
    ("bob", "198.51.100.0", PHONE, 7, 1, False),
    ("carol", "203.0.113.0", FIREFOX, 120, 5, False),
    ("dave", "203.0.113.0", PHONE, 30, 9, True),
]
# Who may do what in the admin, beside seeing sessions, the blacklist and users.
STAFF = {"operator": ["change_session"], "viewer": []}
SEEING = ["view_session", "view_revokedtoken", "view_user"]


def create() -> None:
    """Leave these people in the database, and no others."""
    users = get_user_model()
    users.objects.all().delete()
    for name in ("alice", "bob", "carol", "dave"):
        users.objects.create_user(name, f"{name}@example.com", PASSWORD)
    for name, more in STAFF.items():
        staff = users.objects.create_user(name, f"{name}@example.com", PASSWORD, is_staff=True)
        staff.user_permissions.set(Permission.objects.filter(codename__in=SEEING + more))
    users.objects.create_user("stranger", "stranger@example.com", PASSWORD, is_staff=True)
    for device in DEVICES:
        _sign_in(*device)


def _sign_in(name: str, address: str, agent: str, opened: int, rotated: int, is_over: bool) -> None:
    now = timezone.now()
    token = sessions.open_session(get_user_model().objects.get(username=name)).access_token
    claims = read_access(token)
    Session.objects.filter(pk=claims.sid).update(
        ip_address=address,
        user_agent=agent,
        created_at=now - timedelta(hours=opened, minutes=opened % 7 * 8),
        rotated_at=now - timedelta(hours=rotated, minutes=opened % 5 * 9),
        generation=opened,
    )
    if is_over:
        sessions.end(claims)
