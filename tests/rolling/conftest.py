"""Three releases on one PostgreSQL and one Valkey, each started beside the one before it."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from tests.client import LOGOUT, ME, Answer
from tests.live import ROOT, LiveServer, create_template, environment
from tests.servers import PostgresServer, ValkeyServer
from tests.waiting import wait_until

from . import releases

# Answers of the older release, from before and after the tables change.
ENOUGH = 10


@dataclass
class Rollout:
    """The servers by the name of their release, and what the older ones answered meanwhile."""

    database: str = ""
    servers: dict[str, LiveServer] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def migrate(self, folder: Path, *, beside: str) -> None:
        """Bring the tables to those of a release while the one before it serves."""
        answers = self.answers[beside] = []
        with asking(self.servers[beside], answers):
            has_more(answers)
            manage(folder, "migrate", database=self.database)
            has_more(answers)


def has_more(answers: list[Answer]) -> None:
    enough = len(answers) + ENOUGH
    wait_until(lambda: len(answers) >= enough, else_say=lambda: str(answers[-1:]))


def manage(folder: Path, *command: str, database: str) -> None:
    """Run a management command of a release."""
    subprocess.run(
        [sys.executable, "manage.py", *command], cwd=folder, env=environment(database), check=True
    )


@contextmanager
def asking(server: LiveServer, answers: list[Answer]) -> Iterator[None]:
    """Meanwhile sign in, ask, refresh and log out, again and again; note every answer."""
    is_over = Event()

    def ask() -> None:
        client = server.client()
        while not is_over.is_set():
            tokens = client.sign_in()
            tokens = client.refresh(tokens)
            mine = client.bearing(tokens)
            answers.extend((mine(ME), mine(LOGOUT)))

    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(ask)
        try:
            yield
        finally:
            is_over.set()
        asked.result()


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    return {
        "previous": releases.previous(tmp_path_factory.mktemp("previous")),
        "this": ROOT,
        "following": releases.following(tmp_path_factory.mktemp("following")),
    }


@pytest.fixture(scope="module")
def rollout(folders) -> Iterator[Rollout]:
    """Roll out this release beside the one before, and the following one beside this."""
    with ExitStack() as stack:
        valkey = stack.enter_context(ValkeyServer())
        environ = {"REVOCATION_STORE": "redis", "REDIS_URL": valkey.url}
        databases = stack.enter_context(PostgresServer())
        template = create_template(databases, root=folders["previous"])
        rollout, before = Rollout(), ""
        for name, folder in folders.items():
            if before:
                rollout.migrate(folder, beside=before)
            server = LiveServer(template, workers=1, root=folder, **environ)
            rollout.servers[name] = stack.enter_context(server)
            # Nothing is asked of them any more when it ends, so nobody waits for the end.
            stack.callback(server.crash)
            rollout.database = environ.setdefault("DATABASE_URL", server.database)
            before = name
        yield rollout
