"""`docker compose`, as far as the pages use it, acting on private servers of this machine.

The program `docker` that a shell finds hands its words on; here they are done: to a PostgreSQL, a
Valkey, and the API that `manage.py serve` serves, with the environment that `.env` says.
"""

import base64
import json
import os
import socketserver
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.live import ROOT, LiveServer, Template, create_template, environment
from tests.servers import PostgresServer, ValkeyServer

NAME = "revocation"
NODES = {"api-1", "api-2"}
ROTATE = ["python", "manage.py", "rotate_key"]
ENTRYPOINTS = {"keys": ROTATE, "migrate": ["python", "manage.py", "migrate"]}
DOCKER = f"""#!{sys.executable}
import base64, json, os, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({{address!r}})
store = os.environ.get("REVOCATION_STORE")
given = base64.b64encode(sys.stdin.buffer.read()).decode()
asked.sendall(json.dumps([sys.argv[1:], store, given]).encode() + b"\\n")
code, printed = json.loads(asked.makefile().readline())
sys.stdout.buffer.write(base64.b64decode(printed))
sys.exit(code)
"""


@dataclass(frozen=True)
class Named(Template):
    """A template whose copy has the name that the pages have for it."""

    def copy(self) -> str:
        self.databases.execute(f'CREATE DATABASE "{NAME}" TEMPLATE "{self.url.rpartition("/")[2]}"')
        return self.databases.url(NAME)


class Nodes(LiveServer):
    """The API, whose environment changes between two starts."""

    def configure(self, environ: dict[str, str]) -> bool:
        """Take another environment for the next start; return whether it is another."""
        is_new = environ != self._environ
        self._environ = environ
        return is_new

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def environ(self) -> dict[str, str]:
        """What its processes were started with."""
        return self._environ


class Deployment:
    """What stands behind `compose.yaml`, and does what `docker compose` is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = ExitStack()

    def __enter__(self) -> "Deployment":
        self.postgres = self._open.enter_context(PostgresServer())
        self.valkey = self._open.enter_context(ValkeyServer())
        self.postgres.execute(f"CREATE ROLE {NAME} SUPERUSER LOGIN")
        template = create_template(self.postgres)
        (self.folder / ".env").write_text(
            "DJANGO_SECRET_KEY=the-first-key-of-this-deployment-0123\n"
        )
        self._manage([*ROTATE, "--create"], self._environ(None), b"", database=template.url)
        named = Named(template.databases, template.url)
        self.nodes = Nodes(named, workers=1, **self._environ(None))
        self._open.enter_context(self.nodes)
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def shell_environ(self) -> dict[str, str]:
        return {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}

    def _listen(self) -> None:
        address = str(self.folder / "docker.sock")
        program = self.folder / "bin" / "docker"
        program.parent.mkdir()
        program.write_text(DOCKER.format(address=address))
        program.chmod(0o755)
        deployment = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                words, store, given = json.loads(self.rfile.readline())
                code, printed = deployment.docker(words, store, base64.b64decode(given))
                answer = json.dumps([code, base64.b64encode(printed).decode()])
                self.wfile.write(f"{answer}\n".encode())

        server = self._open.enter_context(socketserver.UnixStreamServer(address, Handler))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._open.callback(server.shutdown)

    def docker(self, words: list[str], store: str | None, given: bytes) -> tuple[int, bytes]:
        """Do what a command line says; return its exit code and what it prints."""
        compose, verb, *rest = words
        assert compose == "compose", words
        named = [word for word in rest if not word.startswith("-")]
        match verb:
            case "stop":
                self._stop(set(named))
            case "up":
                self._up(set(named), store)
            case "exec" if named[0] == "postgres":
                return self._tool(rest[rest.index("postgres") + 1 :], given)
            case "exec" | "run":
                command = [*ENTRYPOINTS.get(named[0], ()), *rest[rest.index(named[0]) + 1 :]]
                if verb == "exec" and not self.nodes.is_running:
                    return 1, b"service is not running\n"
                environ = self.nodes.environ if verb == "exec" else self._environ(store)
                return self._manage(command, environ, given)
            case _:
                raise AssertionError(words)
        return 0, b""

    def _stop(self, services: set[str]) -> None:
        assert services & NODES in (set(), NODES), services
        if services & NODES:
            self.nodes.stop()

    def _up(self, services: set[str], store: str | None) -> None:
        if "valkey" in services and not self.valkey.is_running():
            self.valkey.start()
        if services & NODES:
            is_new = self.nodes.configure(self._environ(store))
            if is_new and self.nodes.is_running:
                self.nodes.stop()
            if not self.nodes.is_running:
                self.nodes.start()

    def _manage(
        self, command: list[str], environ: dict[str, str], given: bytes, *, database: str = ""
    ) -> tuple[int, bytes]:
        assert command[0] == "python", command
        done = subprocess.run(
            [sys.executable, *command[1:]],
            cwd=ROOT,
            env=environment(database or self.nodes.database, **environ),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.returncode, done.stdout

    def _tool(self, command: list[str], given: bytes) -> tuple[int, bytes]:
        """Run a program of PostgreSQL's, as its container would."""
        done = subprocess.run(
            [str(self.postgres._programs / command[0]), *command[1:]],
            env={"PGHOST": "127.0.0.1", "PGPORT": str(self.postgres.port)},
            input=given,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def _environ(self, store: str | None) -> dict[str, str]:
        """Return the environment of the API: what `.env` says, and before it the shell."""
        lines = (self.folder / ".env").read_text().splitlines()
        written = dict(line.partition("=")[::2] for line in lines)
        return {
            "DJANGO_SECRET_KEY": written["DJANGO_SECRET_KEY"],
            "JWT_KEYS_FILE": str(self.folder / "jwt.json"),
            "REVOCATION_STORE": store or written.get("REVOCATION_STORE", "redis"),
            "REDIS_URL": self.valkey.url,
        }
