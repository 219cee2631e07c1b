"""A load against servers of its own: database, store, workers, clients, and then the verdict."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.databases import SQLiteFolder
from tests.live import USERS, LiveServer, Template, create_template
from tests.servers import MariaDBServer, PostgresServer, ValkeyServer

from .checker import check
from .history import Setting
from .load import Load
from .report import Report

SERVERS = {"postgresql": PostgresServer, "mariadb": MariaDBServer}
DATABASES = ("sqlite", *SERVERS)
STORES = ("database", "redis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to run a load against. `environ` is the server's, beside what the rest implies."""

    database: str = "sqlite"
    store: str = "database"
    seconds: float = 8
    # At least; a busy machine takes longer.
    operations: int = 0
    clients: int = 4
    workers: int = 2
    seed: int = 1
    # Short, so that windows close while somebody looks.
    grace_seconds: int = 2
    environ: dict[str, str] = field(default_factory=dict)

    def report(self, template: Template | None = None) -> Report:
        """Run it, on a database of its own or a copy of this one, and judge what came of it."""
        with self.served(template) as server, Load([url_of(server)], USERS, self.setting()) as load:
            load.run(self.seconds, operations=self.operations)
        assert load.history is not None
        return check(load.history)

    def setting(self, **changes: object) -> Setting:
        """Return what the checker must know of it."""
        setting = Setting(
            seed=self.seed,
            clients=self.clients,
            database=self.database,
            store=self.store,
            grace_seconds=self.grace_seconds,
        )
        return replace(setting, **changes)

    @contextmanager
    def served(self, template: Template | None = None) -> Iterator[LiveServer]:
        """Start everything; all of it is gone when the context ends."""
        with ExitStack() as started:
            template = template or started.enter_context(_template(self.database))
            environ = {
                # Clients name the addresses they come from.
                "TRUSTED_PROXIES": "127.0.0.1",
                "REFRESH_GRACE_SECONDS": str(self.grace_seconds),
            }
            if self.store == "redis":
                valkey = started.enter_context(ValkeyServer())
                environ |= {
                    "REVOCATION_STORE": "redis",
                    "REDIS_URL": valkey.url,
                    # Clients keep the processors busy, and nothing may be unavailable.
                    "DJANGO_SETTINGS_MODULE": "tests.consistency.patient_settings",
                }
            live = LiveServer(template, workers=self.workers, **{**environ, **self.environ})
            started.enter_context(live)
            yield live


def url_of(server: LiveServer) -> str:
    return f"http://127.0.0.1:{server.port}"


@contextmanager
def _template(database: str) -> Iterator[Template]:
    if database in SERVERS:
        with SERVERS[database]() as server:
            yield create_template(server)
    else:
        with TemporaryDirectory(prefix="consistency-") as folder:
            yield create_template(SQLiteFolder(Path(folder)))
