"""Private servers for tests: each a context on a free loopback port, gone when the context ends."""

import os

from tests.servers.mariadb import MariaDBServer
from tests.servers.postgres import PostgresServer
from tests.servers.valkey import ValkeyServer

__all__ = ["DATABASE_SERVERS", "MariaDBServer", "PostgresServer", "ValkeyServer"]

# MariaDB where this machine has it; CI has it, or fails.
_HAS_MARIADB = MariaDBServer.is_available() or os.environ.get("CI") == "true"
DATABASE_SERVERS = (PostgresServer, MariaDBServer) if _HAS_MARIADB else (PostgresServer,)
