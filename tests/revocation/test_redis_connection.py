"""Redis is reached by every kind of URL, and a thread of each worker keeps the lease."""

import os
import signal
import ssl
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from socket import AF_INET, SHUT_RDWR, create_connection, create_server
from threading import Barrier, Event, Thread

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.utils import timezone

from revocation.claims import new_id
from revocation.conf import conf
from revocation.models import RevokedToken
from revocation.stores import current_store, keeper
from revocation.stores.connection import Connection, Unreachable
from revocation.stores.copying import NotCopied
from revocation.stores.keeper import Keeper
from revocation.tokens import read_access
from tests.revocation.on_redis import HOUR, names, renew, revoke_behind_its_back, settings_of
from tests.servers import ValkeyServer
from tests.servers.process import free_port
from tests.waiting import wait_until

MASTER = "the-master"


@pytest.mark.django_db(transaction=True)
class TestKindsOfServer:
    """Each of them is asked, told and copied to."""

    @pytest.fixture(autouse=True)
    def _user(self, issued):
        self.claims = read_access(issued.access_token)

    def assert_works(self, store):
        assert store.glance(self.claims) is False
        store.revoke([self.claims.jti], until=timezone.now() + HOUR)
        assert store.glance(self.claims) is True
        key = new_id()
        revoke_behind_its_back(key)
        assert sum(store.rebuild()) == RevokedToken.objects.count()

    def test_a_single_one(self, on_redis, valkey):
        self.assert_works(on_redis(valkey.url))

    def test_one_with_a_password(self, on_redis):
        with ValkeyServer(requirepass="p/s s@") as server:
            self.assert_works(on_redis(server.url.replace("//", "//:p%2Fs%20s%40@")))

    def test_one_with_users(self, on_redis):
        with ValkeyServer() as server:
            with closing(server.client()) as client:
                # What the hint of an unreachable server names, and nothing more.
                client.acl_setuser(
                    "app",
                    enabled=True,
                    passwords=["+pass"],
                    keys=["revocation:*"],
                    commands=[f"+{name}" for name in COMMANDS],
                )
                client.acl_setuser("default", enabled=False)

            self.assert_works(on_redis(server.url.replace("//", "//app:pass@")))

    def test_a_database_of_it(self, on_redis, valkey):
        self.assert_works(on_redis(valkey.url.replace("/0", "/7")))

        with closing(redis.Redis(port=valkey.port, db=7)) as client:
            assert client.exists(names().of(self.claims.jti))
        with closing(valkey.client()) as client:
            assert client.dbsize() == 0

    def test_one_at_a_socket(self, on_redis):
        with ValkeyServer() as server:
            path = server.folder / "socket"
            server.stop()
            server._config["unixsocket"] = str(path)
            server.start()

            self.assert_works(on_redis(f"unix://{path}?db=1"))

    def test_one_behind_tls(self, on_redis, valkey, tmp_path):
        with TLS(valkey.port, tmp_path) as port:
            store = on_redis(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={tmp_path}/ca.pem")

            self.assert_works(store)

    def test_nobody_who_cannot_prove_who_it_is_is_believed(self, on_redis, valkey, tmp_path):
        with TLS(valkey.port, tmp_path) as port:
            store = on_redis(f"rediss://127.0.0.1:{port}/0")

            assert store.glance(self.claims) is None

    def test_a_cluster(self, on_redis):
        with ClusterServer() as one, ClusterServer() as two:
            make_cluster(one, two)
            for server in (one, two):
                store = on_redis(
                    f"redis+cluster://127.0.0.1:{server.port}", GRACE_SECONDS=server.port
                )
                self.assert_works(store)
                self.claims = type(self.claims)(**vars_of(self.claims) | {"jti": new_id()})

    def test_a_master_that_sentinels_name(self, on_redis):
        with ValkeyServer() as master, SentinelServer(master) as sentinel:
            store = on_redis(f"redis+sentinel://127.0.0.1:{sentinel.port}/{MASTER}/1")

            self.assert_works(store)
            with closing(redis.Redis(port=master.port, db=1)) as client:
                assert client.exists(names().of(self.claims.jti))

    def test_the_master_after_it(self, on_redis):
        """The copy that was promoted has the marker; it is of another server."""
        with (
            ValkeyServer() as master,
            ValkeyServer("--replicaof", "127.0.0.1", str(master.port)) as replica,
            SentinelServer(master) as sentinel,
        ):
            wait_until(lambda: has_replica(sentinel), else_say=sentinel.log)
            store = on_redis(
                f"redis+sentinel://127.0.0.1:{sentinel.port}/{MASTER}", REDIS_TIMEOUT=0.5
            )
            assert store.glance(self.claims) is False
            with closing(replica.client()) as client:
                wait_until(lambda: client.exists(names().marker), else_say=replica.log)
            master.freeze()
            # Of which only the database knows.
            revoke_behind_its_back(self.claims.jti)
            wait_until(lambda: master_of(sentinel) == replica.port, else_say=sentinel.log)
            wait_until(lambda: answers(store), else_say=sentinel.log)

            assert store.glance(self.claims) is None
            renew(store)
            assert store.glance(self.claims) is True
            master.thaw()


class TestAnswers:
    """An answer is never taken for that to another question."""

    @pytest.fixture
    def connection(self, valkey):
        connection = Connection(valkey.url, timeout=timedelta(seconds=2))
        yield connection
        connection._client.close()

    def test_each_has_its_own(self, connection):
        answers = [connection.run("return KEYS[1]", [key]) for key in "abc"]

        assert answers == [b"a", b"b", b"c"]

    @pytest.mark.parametrize("script", ["return nil", "return false", "local x = 1"])
    def test_it_may_be_nothing(self, connection, script):
        assert connection.run(script, ["key"]) is None

    @pytest.mark.parametrize("late", [b"1", None, [], [b"0", b"a"], [b"99", b"a"]])
    def test_one_that_comes_late_is_none(self, connection, monkeypatch, late):
        """A client may keep a connection whose last answer nobody waited for."""
        assert connection.run("return KEYS[1]", ["a"]) == b"a"
        before = connection._client
        with monkeypatch.context() as patch:
            patch.setattr(connection, "_evaluate", lambda *_: late)

            with pytest.raises(Unreachable):
                connection.run("return KEYS[1]", ["b"])

        # With connections on which nothing is to come.
        assert connection.run("return KEYS[1]", ["c"]) == b"c"
        assert connection._client is not before

    def test_a_master_that_hung_is_asked_over_a_new_connection(self):
        with ValkeyServer() as master, SentinelServer(master, patience_ms=60_000) as sentinel:
            url = f"redis+sentinel://127.0.0.1:{sentinel.port}/{MASTER}"
            connection = Connection(url, timeout=timedelta(seconds=0.2))
            connection.run("return 1", ["key"])
            [one] = connection._client.connection_pool._available_connections
            master.freeze()
            with pytest.raises(Unreachable):
                connection.run("return 1", ["key"])

            assert not one.is_connected
            master.thaw()
            connection._client.close()


class TestURLs:
    GOOD = (
        "redis://localhost",
        "redis://localhost:6379/0",
        "redis://user:p%40ss@redis.example.com:6380/15",
        "redis://[::1]:6379/0",
        "rediss://redis.example.com/0?ssl_ca_certs=/etc/ca.pem&ssl_cert_reqs=required",
        "unix:///run/redis.sock",
        "unix://user:pass@/run/redis.sock?db=3",
        "redis+cluster://node:6379",
        "rediss+cluster://:pass@node:6379/0",
        "redis+sentinel://one/mymaster",
        "redis+sentinel://:pass@one:26379,two:26379,[::1]:26379/mymaster/2",
        "rediss+sentinel://one,two/mymaster?ssl_ca_certs=/etc/ca.pem",
    )
    BAD = (
        None,
        "",
        "localhost:6379",
        "http://:do-not-print-me@localhost",
        "redis+foo://:do-not-print-me@localhost",
        "redis://",
        "redis://:do-not-print-me@localhost:port",
        "redis://:do-not-print-me@localhost:123456",
        "redis://:do-not-print-me@localhost/zero",
        "redis://:do-not-print-me#more@localhost/0",
        "redis://:do-not-print-me/more@localhost/0",
        "redis://:do-not-print-me@localhost/0?foo=1",
        "redis://:do-not-print-me@localhost/0?decode_responses=true",
        "redis://:do-not-print-me@one,two/0",
        "redis://[::1",
        "unix://run/redis.sock",
        "redis+sentinel://:do-not-print-me@one,two",
        "redis+sentinel://:do-not-print-me@one,two/",
        "redis+sentinel://:do-not-print-me@one:x/mymaster",
        42,
    )
    # No client can be made of them.
    BROKEN = (
        "http://:do-not-print-me@localhost",
        "redis+foo://:do-not-print-me@localhost",
        "redis://:do-not-print-me@localhost:port",
        "redis://:do-not-print-me@localhost:123456",
        "redis://:do-not-print-me@localhost/0?foo=1",
        "redis://[::1",
        "redis+sentinel://:do-not-print-me@one,two/",
        "redis+sentinel://:do-not-print-me@one:x/mymaster",
    )

    @pytest.mark.parametrize("url", GOOD)
    def test_what_can_be_meant_is_taken(self, settings, url):
        settings.REVOCATION = settings_of(url)

        assert conf().redis_url == url

    @pytest.mark.parametrize("url", BAD, ids=repr)
    def test_what_cannot_is_refused_without_its_password(self, settings, url):
        settings.REVOCATION = settings_of(url)

        with pytest.raises(ImproperlyConfigured, match=r"E016") as refusal:
            conf()

        assert "redis://127.0.0.1:6379/0" in str(refusal.value)
        assert "do-not-print-me" not in str(refusal.value)

    @pytest.mark.parametrize("url", BROKEN, ids=repr)
    def test_what_no_check_has_seen_is_no_server(self, url, caplog):
        connection = Connection(url, timeout=timedelta(milliseconds=50))

        with pytest.raises(Unreachable) as refusal:
            connection.run("return 1", ["key"])

        assert "do-not-print-me" not in str(refusal.value) + caplog.text

    def test_a_reading_of_the_settings_shows_no_url(self, settings):
        settings.REVOCATION = settings_of("redis://:do-not-print-me@localhost")

        assert "do-not-print-me" not in repr(conf())


# Threads end by `SystemExit`, as nothing else ends them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
class TestTheKeeper:
    @pytest.fixture
    def renewed(self):
        return Event()

    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch):
        monkeypatch.setattr(keeper, "_PAUSE", 0)

    @pytest.fixture
    def keep(self, monkeypatch):
        """Make keepers whose threads end with the test."""
        ended = []

        def make(act):
            def renew():
                if ended:
                    raise SystemExit
                act()

            made.append(Keeper(renew))
            return made[-1]

        made = []
        yield make
        ended.append(True)
        for one in made:
            one.wake()
            one._thread.join()

    def test_it_renews_when_it_is_woken(self, keep, renewed):
        kept = keep(renewed.set)
        assert kept._thread is None

        kept.wake()

        assert renewed.wait(60)

    def test_it_renews_again_in_the_same_thread(self, keep, renewed):
        kept = keep(renewed.set)
        threads = set()
        for _ in range(3):
            renewed.clear()
            kept.wake()
            assert renewed.wait(60)
            threads.add(kept._thread)

        assert len(threads) == 1

    def test_many_who_find_none_start_one(self, keep, renewed):
        keeper = keep(renewed.set)
        before = threads_named("revocation-lease")
        start = Barrier(8)

        def wake():
            start.wait()
            keeper.wake()

        callers = [Thread(target=wake) for _ in range(8)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

        assert renewed.wait(60)
        assert threads_named("revocation-lease") == before + 1

    def test_whoever_wakes_it_does_not_wait(self, keep, renewed):
        kept = keep(lambda: renewed.wait(60))

        kept.wake()

        assert not renewed.is_set()
        renewed.set()

    def test_its_thread_keeps_no_process_alive(self, keep, renewed):
        kept = keep(renewed.set)
        kept.wake()

        assert kept._thread.daemon

    def test_a_thread_that_died_is_replaced(self, keep, renewed):
        def die_once():
            if not died:
                died.append(True)
                raise SystemExit
            renewed.set()

        died = []
        kept = keep(die_once)
        kept.wake()
        kept._thread.join()

        kept.wake()

        assert renewed.wait(60)

    def test_a_fork_has_a_thread_of_its_own(self, keep, renewed):
        kept = keep(renewed.set)
        kept.wake()
        assert renewed.wait(60)
        renewed.clear()

        assert in_a_fork(lambda: kept.wake() or renewed.wait(60)) == 0

    def test_a_fork_made_while_the_thread_is_started_has_one_too(self, keep, renewed):
        kept = keep(renewed.set)
        kept.wake()
        assert renewed.wait(60)
        renewed.clear()
        with kept._starting:
            assert in_a_fork(lambda: kept.wake() or renewed.wait(60)) == 0

    @pytest.mark.parametrize(
        "error", [Unreachable(), OperationalError("gone"), NotCopied("Another process copies.")]
    )
    def test_it_survives_what_may_happen(self, keep, renewed, error, caplog):
        def fail_once():
            if not failed:
                failed.append(True)
                woken_again.wait(60)
                raise error
            renewed.set()

        failed, woken_again = [], Event()
        kept = keep(fail_once)
        kept.wake()
        first = kept._thread
        kept.wake()
        woken_again.set()

        wait_until(lambda: kept.wake() or renewed.is_set(), else_say=str)
        assert kept._thread is first
        assert caplog.records == []

    def test_a_lasting_reason_is_said_once_until_it_is_another(self, caplog):
        lasting = [NotCopied(f"Policy {n}.", is_lasting=True) for n in (1, 1, 2)]
        outcomes = iter([*lasting, None, lasting[2], NotCopied("x"), lasting[2]])

        def renew():
            outcome = next(outcomes)
            if outcome is not None:
                raise outcome

        kept, reported = Keeper(renew), ""
        for _ in range(7):
            reported = kept._renew_once(reported)

        said = [record.getMessage() for record in caplog.records]
        assert said == [f"No lease: Policy {n}. The database is asked instead." for n in (1, 2, 2)]

    def test_no_room_for_a_thread_is_no_reason_to_refuse(self, monkeypatch):
        def refuse(_):
            raise RuntimeError("can't start new thread")

        kept = Keeper(int)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            kept.wake()

        assert kept._thread is None

    @pytest.mark.django_db(transaction=True)
    def test_it_renews_the_lease_of_a_store_in_use(self, settings, valkey, issued, monkeypatch):
        """The whole of it, with nothing patched but its pause."""
        settings.REVOCATION = settings_of(valkey.url, GRACE_SECONDS=8)
        claims, store = read_access(issued.access_token), current_store()

        assert store.glance(claims) is None

        wait_until(lambda: store.glance(claims) is False, else_say=str)
        monkeypatch.setattr(store._keeper, "_renew", end_thread)
        store._keeper.wake()
        store._keeper._thread.join()
        store._connection._client.close()


# As `revocation.stores.redis.UNREACHABLE_HINT` names them.
COMMANDS = "EVAL EVALSHA INFO TIME GET SET DEL EXISTS PTTL PEXPIRE".lower().split()


class ClusterServer(ValkeyServer):
    """One member of a cluster."""

    def __init__(self):
        super().__init__(cluster_enabled="yes", cluster_node_timeout="2000")

    def prepare(self):
        super().prepare()
        # By itself it takes the port 10,000 above its own, which anybody's connection may have.
        self.bus_port = free_port()
        self._config |= {"cluster_port": str(self.bus_port)}


class SentinelServer(ValkeyServer):
    """A sentinel that watches a master, and decides alone."""

    def __init__(self, master, *, patience_ms=500):
        super().__init__()
        self._master = master
        self._patience_ms = patience_ms

    def prepare(self):
        super().prepare()
        (self.folder / "sentinel.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\n"
            f"sentinel monitor {MASTER} 127.0.0.1 {self._master.port} 1\n"
            f"sentinel down-after-milliseconds {MASTER} {self._patience_ms}\n"
            f"sentinel failover-timeout {MASTER} 2000\n"
        )

    def command(self):
        return [self._program, str(self.folder / "sentinel.conf"), "--sentinel"]


class TLS:
    """Speaks TLS for a server that does not, with a certificate of a CA of its own."""

    def __init__(self, port, folder):
        self._port = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(make_certificate(folder))
        self._sockets = []

    def __enter__(self):
        self._listener = create_server(("127.0.0.1", 0), family=AF_INET)
        Thread(target=self._accept, daemon=True).start()
        return self._listener.getsockname()[1]

    def __exit__(self, *_):
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(SHUT_RDWR)
            one.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                Thread(target=self._serve, args=[accepted], daemon=True).start()

    def _serve(self, accepted):
        self._sockets.append(accepted)
        with suppress(OSError):
            outside = self._context.wrap_socket(accepted, server_side=True)
            inside = create_connection(("127.0.0.1", self._port))
            self._sockets += [outside, inside]
            Thread(target=pump, args=[inside, outside], daemon=True).start()
            pump(outside, inside)


def pump(source, target):
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(SHUT_RDWR)


def make_certificate(folder):
    """Write a key with its certificate, which is its own CA, as `ca.pem`; return its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    )
    certificate = (
        builder.add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "ca.pem"
    path.write_bytes(written)
    return path


def make_cluster(one, two):
    """Let two servers share the slots of a cluster."""
    with closing(one.client()) as first, closing(two.client()) as second:
        first.execute_command("CLUSTER ADDSLOTSRANGE", 0, 8191)
        second.execute_command("CLUSTER ADDSLOTSRANGE", 8192, 16383)
        first.execute_command("CLUSTER MEET", "127.0.0.1", two.port, two.bus_port)

        def is_whole():
            states = [str(client.execute_command("CLUSTER INFO")) for client in (first, second)]
            return all("'cluster_state': 'ok'" in text or "state:ok" in text for text in states)

        wait_until(is_whole, else_say=one.log)


def master_of(sentinel):
    """Return the port of the server that a sentinel calls master."""
    with closing(sentinel.client(db=None)) as client:
        return client.sentinel_get_master_addr_by_name(MASTER)[1]


def has_replica(sentinel):
    with closing(sentinel.client(db=None)) as client:
        return client.sentinel_slaves(MASTER)


def answers(store):
    with suppress(Unreachable):
        return store.eviction_policy()


def in_a_fork(act):
    """Return the exit status of a forked process that acts: 0 where the outcome is a true one."""
    child = os.fork()
    if not child:
        signal.alarm(60)
        status = 1
        try:
            status = 0 if act() else 2
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def threads_named(name):
    return sum(thread.name == name for thread in threading.enumerate())


def end_thread():
    connection.close()
    raise SystemExit


def vars_of(claims):
    return {name: getattr(claims, name) for name in claims.__slots__}
