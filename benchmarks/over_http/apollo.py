"""Apollo Server on Node, with jsonwebtoken and a Redis denylist, in a cluster of processes."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import ClassVar

from tests.servers.process import Server

from .. import stage
from .ground import TOKEN_SECONDS, Ground
from .served import QUERIES, Served

HERE = Path(__file__).resolve().parent / "apollo_server"


class ApolloServer(Served):
    """What `apollo_server/server.mjs` says, with the secret as text and its data in memory."""

    name = "apollo-server"
    summary = "Apollo Server 5, jsonwebtoken as documented, Redis denylist, the rest in memory"
    is_revoking = True
    does = QUERIES | {"sign-in", "logout"}
    is_in_full = True
    # Node compiles what it runs often, which takes it many thousand requests: measured sooner, it
    # takes twice as long as it does later.
    warm_up_seconds = 6
    secret_as: ClassVar[str] = "text"

    def __init__(self, ground: Ground, *, workers: int) -> None:
        super().__init__(workers=workers)
        self._ground = ground
        self.valkey = ground.valkey()

    @classmethod
    def missing(cls) -> str:
        """Return what to do before it can be started; nothing if it can."""
        if not _node():
            return "Apollo Server needs Node.js 20.19 or newer: install it."
        if not (HERE / "node_modules").is_dir():
            return "Apollo Server is not installed: run python3 requirements apollo."
        return ""

    def program(self) -> list[str]:
        """Start the cluster."""
        node = _node()
        assert node
        return [node, str(HERE / "server.mjs")]

    def environment(self) -> dict[str, str]:
        """Return the variables of a production."""
        return {
            "PATH": os.environ["PATH"],
            "NODE_ENV": "production",
            "PORT": str(self.port),
            "WORKERS": str(self._workers),
            "SECRET": self._ground.secret,
            "SECRET_AS": self.secret_as,
            "REDIS_URL": self.valkey.url,
            "TOKEN_SECONDS": str(TOKEN_SECONDS),
            "USERNAME": stage.USERNAME,
            "EMAIL": stage.EMAIL,
            "PASSWORD": stage.PASSWORD,
            "BOOKS": json.dumps(stage.books()),
        }

    def backing(self) -> list[Server]:
        """It asks Valkey."""
        return [self.valkey]


class ApolloServerWithKey(ApolloServer):
    """What somebody makes of it who has profiled it."""

    name = "apollo-server-key"
    summary = "the same, jsonwebtoken given a key that is prepared once"
    is_in_full = False
    secret_as = "key"


class ApolloServerOnPostgreSQL(ApolloServerWithKey):
    """The same with as much to do as ours: a user who was deactivated is refused."""

    name = "apollo-server-postgresql"
    summary = "the same, users and list in PostgreSQL"
    is_in_full = True

    def __init__(self, ground: Ground, *, workers: int) -> None:
        super().__init__(ground, workers=workers)
        self._database = ground.postgres_url()

    def environment(self) -> dict[str, str]:
        """Name the database."""
        return {**super().environment(), "DATABASE_URL": self._database}

    def backing(self) -> list[Server]:
        """It asks both."""
        return [*super().backing(), self._ground.postgres]


def _node() -> str | None:
    """Return the Node that set-up has put beside Python, where the machine's own would not do."""
    return shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
