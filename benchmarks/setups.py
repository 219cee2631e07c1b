"""On what contenders are measured: a database, and the store of ours."""

from dataclasses import dataclass

DATABASES = ("sqlite", "postgresql")
STORES = ("database", "redis")
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "redis": "Redis"}


@dataclass(frozen=True, slots=True)
class Setup:
    """A database for everybody, and where ours asks whether a token was revoked."""

    database: str
    store: str

    def __str__(self) -> str:
        database = TITLES[self.database]
        return database if self.store == "database" else f"{database} with {TITLES[self.store]}"


DEFAULT = (
    Setup("sqlite", "database"),
    Setup("postgresql", "database"),
    Setup("postgresql", "redis"),
)


def chosen(database: str | None, store: str | None) -> list[Setup]:
    """Return what is run by default, so far as it has that database and that store.

    A pair that is not run by default is run when it is asked for.
    """
    if database and store:
        return [Setup(database, store)]
    return [
        setup
        for setup in DEFAULT
        if setup.database == (database or setup.database) and setup.store == (store or setup.store)
    ]
