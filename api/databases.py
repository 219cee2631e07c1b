"""How this API uses each database: what an acknowledged logout, and races, ask of it."""

from pathlib import Path
from typing import Any

from .environment import database as database_from

PROJECT = Path(__file__).resolve().parent.parent
# Opening a connection costs more than a protected request does, so each thread keeps its own.
# Whether it still works is seen without asking the server, by the backends named here.
KEPT = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
# A server that does not answer is given up, and the client told to come back, long before whoever
# waits for us gives up. `api.deployment` adds a limit for each statement of a request.
CONNECT_SECONDS = 5
SQLITE: dict[str, Any] = {
    "OPTIONS": {
        # Seconds a writer waits for its turn before "database is locked".
        "timeout": 20,
        # A transaction that reads first and writes later cannot wait for its turn; it fails.
        "transaction_mode": "IMMEDIATE",
        # FULL: an acknowledged logout survives a power cut, which WAL's NORMAL does not promise.
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
    }
}
POSTGRESQL: dict[str, Any] = {
    "ENGINE": "api.postgresql",
    "OPTIONS": {
        "connect_timeout": CONNECT_SECONDS,
        # Whatever the server's default is: with a stricter one, races end in errors.
        "isolation_level": 2,
        # Planning the statement that decides costs as much as running it. From the fifth time on,
        # each connection runs what it has prepared.
        "server_side_binding": True,
        "prepare_threshold": 5,
        # A host that vanished is noticed on a connection that waits, and one that is idle.
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    },
}
MARIADB: dict[str, Any] = {
    "ENGINE": "api.mariadb",
    "OPTIONS": {
        "connect_timeout": CONNECT_SECONDS,
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        # Strict: what does not fit is an error, never cut off.
        "init_command": "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES'), "
        "innodb_lock_wait_timeout = 8, lock_wait_timeout = 8",
    },
}
DEFAULTS = {
    "django.db.backends.sqlite3": SQLITE,
    "django.db.backends.postgresql": POSTGRESQL,
    "django.db.backends.mysql": MARIADB,
}


def database(name: str) -> dict[str, Any]:
    """Return what the URL in a variable says, or SQLite in the project. Its options win."""
    chosen = database_from(name) or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": PROJECT / "db.sqlite3",
    }
    ours = DEFAULTS.get(chosen["ENGINE"], {})
    options = ours.get("OPTIONS", {}) | chosen.get("OPTIONS", {})
    return KEPT | chosen | ours | {"OPTIONS": options}
