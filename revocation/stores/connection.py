"""A connection to Redis or Valkey: which server, how long it is waited for, and when it is spared.

Needs the package `redis`, as nothing else here does.
"""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from hashlib import sha1
from itertools import count
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError
from redis.retry import Retry
from redis.sentinel import (
    Sentinel,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from .. import signals

logger = logging.getLogger("revocation")

# Whatever a client of Redis may raise; the last two for options of a URL that it cannot take.
_FAILURES = (RedisError, RedisClusterException, OSError, ValueError, TypeError)
# How long a server that failed is spared, in seconds.
_BREAK_SECONDS = 1.0
# Opening a connection takes several round trips, with TLS above all.
_ROUND_TRIPS_TO_CONNECT = 4
_SENTINEL_PORT = 26379


class Unreachable(Exception):
    """Redis did not answer in time, or not what it was asked for."""


class Connection:
    """Runs scripts. Safe to share between threads."""

    def __init__(self, url: str, *, timeout: timedelta) -> None:
        self._url = url
        self._timeout = timeout.total_seconds()
        self._client: Any = None
        self._spared_until = 0.0
        self._numbers = count()

    def run(self, script: str, keys: Iterable[str], arguments: Iterable[Any] = ()) -> Any:
        """Return what a script answers. Raises `Unreachable`, and then spares the server."""
        names, number = list(keys), str(next(self._numbers))
        try:
            answer = self._evaluate(_numbered(script), len(names), *names, *arguments, number)
            _ensure_answers(answer, number)
        except _FAILURES as error:
            self._spare(error)
            raise Unreachable from error
        self._spared_until = 0.0
        return answer[1] if answer[1:] else None

    def run_unless_spared(self, script: str, keys: Iterable[str]) -> Any:
        """As `run`; but a server that failed lately is asked by one caller a second."""
        now = time.monotonic()
        if now < self._spared_until:
            raise Unreachable
        if self._spared_until:
            self._spared_until = now + _BREAK_SECONDS
        return self.run(script, keys)

    def _evaluate(self, script: str, *arguments: Any) -> Any:
        client = self._client
        if client is None:
            # A cluster is asked for its nodes at once, so this may fail.
            client = self._client = client_of(self._url, timeout=self._timeout)
        try:
            return client.evalsha(_digest(script), *arguments)
        except NoScriptError:
            return client.eval(script, *arguments)

    def _spare(self, error: Exception) -> None:
        if isinstance(error, _WrongAnswer):
            # Of its connections, nobody knows any more whose answers are still to come.
            self._client = None
        if not self._spared_until:
            # Of what kind, and no more: its text may hold what was asked.
            kind = type(error).__name__
            logger.warning("Redis did not answer (%s); the database is asked instead", kind)
        self._spared_until = time.monotonic() + _BREAK_SECONDS
        signals.store_failed.send_robust(sender=None, store="redis")


class _WrongAnswer(ValueError):
    """The answer to another question: a connection was used after an answer on it was given up."""


@cache
def _numbered(script: str) -> str:
    """Return a script that answers with the number of the question, and then as it does."""
    return f"local function answer() {script} end return {{ARGV[#ARGV], answer()}}"


def _ensure_answers(answer: Any, number: str) -> None:
    if not isinstance(answer, list) or answer[:1] != [number.encode()]:
        raise _WrongAnswer


@cache
def _digest(script: str) -> str:
    """Return the name that Redis has for a script it has seen."""
    return sha1(script.encode(), usedforsecurity=False).hexdigest()


def client_of(url: str, *, timeout: float) -> Any:
    """Return the client of a URL; `timeout` is in seconds. Raises `ValueError` for an unknown one.

    What redis-py knows (`redis`, `rediss`, `unix`), and with `+cluster` or `+sentinel` behind the
    scheme a cluster, of which one node is named, or sentinels, all of which are:
    `redis+sentinel://one:26379,two:26379/name-of-the-service/0`.
    """
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    # Not by `urlunsplit`, which drops the slashes of a path without a host.
    plain = f"{scheme}://{url.partition('://')[2]}"
    options = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout * _ROUND_TRIPS_TO_CONNECT,
        "socket_keepalive": True,
        # A connection that the server has closed meanwhile; a timeout is not tried again.
        "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    }
    if scheme not in {"redis", "rediss", "unix"} or kind not in {"", "cluster", "sentinel"}:
        raise ValueError(f"unknown scheme {parts.scheme!r}")
    if kind == "sentinel":
        return _master_of(plain, options)
    if scheme == "unix":
        options.pop("socket_keepalive")
    client: Any = redis.RedisCluster if kind == "cluster" else redis.Redis
    return client.from_url(plain, **options)


def _master_of(url: str, options: dict[str, Any]) -> Any:
    """Return the client of whichever server the sentinels call master when it connects."""
    parts = urlsplit(url)
    _, _, hosts = parts.netloc.rpartition("@")
    service, _, number = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("the path names no service")
    # Credentials, TLS and options are those of the servers, and written as for a single one.
    of_one = redis.ConnectionPool.from_url(
        urlunsplit(parts._replace(netloc=parts.netloc.split(",")[0], path=f"/{number or 0}"))
    )
    kwargs = {
        name: value
        for name, value in of_one.connection_kwargs.items()
        if name not in {"host", "port"}
    }
    is_tls = issubclass(of_one.connection_class, redis.SSLConnection)
    kwargs |= options | {"connection_class": _TLSToMaster if is_tls else _ToMaster}
    sentinels: Any = Sentinel
    addresses = [_address_of(host) for host in hosts.split(",")]
    return sentinels(addresses, sentinel_kwargs=options, **kwargs).master_for(service)


class _ToMaster(SentinelManagedConnection):
    """A connection that is closed once an answer did not come, as redis-py's own are elsewhere.

    Kept, it would lead to a master that hangs for ever, and give its answer to the next question.
    """

    def read_response(
        self, *args: Any, disconnect_on_error: bool | None = True, **options: Any
    ) -> Any:
        """Read an answer, or close."""
        return super().read_response(*args, disconnect_on_error=disconnect_on_error, **options)


class _TLSToMaster(_ToMaster, SentinelManagedSSLConnection):
    """The same with TLS."""


def _address_of(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    return parts.hostname or "", parts.port or _SENTINEL_PORT
