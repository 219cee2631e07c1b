"""`compose.yaml`, run from its parts: its options, its environment, its nginx, and no Docker."""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from threading import Event

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.client import LOGOUT, ME, GraphQLClient
from tests.live import LiveServer, create_template
from tests.servers import PostgresServer, ValkeyServer
from tests.servers.postgres import PostgresDatabases
from tests.servers.process import Server, free_port
from tests.wire import Http

from .conftest import ROOT

HOST = "api.example.com"
# What an operator writes into `.env`.
WRITTEN = {
    "API_HOST": HOST,
    "DJANGO_SECRET_KEY": "a-long-random-text-which-nobody-else-has-not-this-one",
    "POSTGRES_PASSWORD": "the-password_of-PostgreSQL",
    "REDIS_PASSWORD": "the-password_of-Valkey",
    "TLS_CERTIFICATE": "/etc/ssl/chain.pem",
    "TLS_KEY": "/etc/ssl/key.pem",
}
# And may write.
METRICS_TOKEN = "a-token-for-prometheus-which-nobody-else-has"
NODES = ("api-1", "api-2")
# This machine, by a name that the checks for traffic without TLS take for another one.
ELSEWHERE = "127.1"
# More than there are threads in both nodes.
MANY = 40
# What the proxy says: nodes redirect whatever came without TLS.
TO_A_NODE = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
VERIFY = "mutation ($token: String) { verifyToken(token: $token) { payload } }"
REFERENCE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<how>:[-?])(?P<text>[^}]*))?\})")


def interpolated(value):
    """Return a part of the file as Compose reads it."""
    if isinstance(value, dict):
        return {name: interpolated(part) for name, part in value.items()}
    if isinstance(value, list):
        return [interpolated(part) for part in value]
    return REFERENCE.sub(_meant, value) if isinstance(value, str) else value


def _meant(reference):
    name = reference["name"]
    if name is None:
        return "$"
    return WRITTEN[name] if name in WRITTEN or reference["how"] != ":-" else reference["text"]


@pytest.fixture(scope="session")
def text():
    return (ROOT / "compose.yaml").read_text()


@pytest.fixture(scope="session")
def compose(text):
    return interpolated(yaml.safe_load(text))


@pytest.fixture(scope="session")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="session")
def postgres(services):
    """PostgreSQL with the settings of the file, and its user."""
    program, *options = services["postgres"]["command"]
    assert program == "postgres"
    given = services["postgres"]["environment"]
    user, password = given["POSTGRES_USER"], given["POSTGRES_PASSWORD"]
    with PostgresServer(**dict(option[2:].split("=", 1) for option in options)) as server:
        server.execute(f"CREATE ROLE {user} SUPERUSER LOGIN PASSWORD '{password}'")
        server.execute(f"CREATE DATABASE {given['POSTGRES_DB']} OWNER {user}")
        yield server


@pytest.fixture(scope="session")
def valkey(compose):
    """Valkey with the configuration of the file."""
    lines = compose["configs"]["valkey"]["content"].splitlines()
    options = [shlex.split(line, comments=True) for line in lines]
    with ValkeyServer(
        *(word for name, *rest in filter(None, options) for word in (f"--{name}", *rest))
    ) as server:
        yield server


@pytest.fixture(scope="session")
def environ(services, postgres, valkey, tmp_path_factory):
    """The environment of a node, its hosts and its volume replaced by where they are here."""
    folder = tmp_path_factory.mktemp("keys")
    given = {name: str(value) for name, value in services["api-1"]["environment"].items()}
    there = {
        "@postgres:5432": f"@{ELSEWHERE}:{postgres.port}",
        "@valkey:6379": f"@{ELSEWHERE}:{valkey.port}",
    }
    for host, here in there.items():
        given = {name: value.replace(host, here) for name, value in given.items()}
    given["JWT_KEYS_FILE"] = given["JWT_KEYS_FILE"].replace("/keys/", f"{folder}/")
    python, *command = services["keys"]["entrypoint"]
    assert python == "python"
    settings = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "api.settings"}
    subprocess.run(
        [sys.executable, *command, "--create"], cwd=ROOT, env=settings | given, check=True
    )
    return given | {"TRUSTED_PROXIES": "127.0.0.1", "METRICS_TOKEN": METRICS_TOKEN}


@pytest.fixture(scope="session")
def template(environ):
    return create_template(PostgresDatabases(environ["DATABASE_URL"]))


@contextmanager
def nodes_over_one_database(template, environ, *, stores=("redis", "redis")):
    """Both nodes of the file, with a store each."""
    environ = {name: value for name, value in environ.items() if name != "DATABASE_URL"}
    nodes = []
    with ExitStack() as stack:
        for store in stores:
            given = environ | {"REVOCATION_STORE": store}
            node = stack.enter_context(LiveServer(template, **given))
            environ.setdefault("DATABASE_URL", node.database)
            nodes.append(node)
        yield nodes


@pytest.fixture(scope="module")
def nodes(template, environ):
    with nodes_over_one_database(template, environ) as nodes:
        yield nodes


class Proxy(Server):
    """nginx with the configuration of the file: addresses, folders and certificate are ours."""

    # Unlike in its container, it may not become another user.
    refuses_root = True

    def __init__(self, program, config, addresses):
        super().__init__()
        self._program = program
        self._config = config
        self._addresses = addresses

    def prepare(self):
        self.port_in_clear, self.port_of_health = free_port(), free_port()
        self.certificate = self.folder / "certificate"
        make_certificate(self.certificate, self.folder / "key")
        config = self._config
        for written in ("/tmp/", "/run/secrets/", "/dev/"):
            config = re.sub(rf"(?<= ){written}", f"{self.folder}/", config)
        listening = {
            "8443": self.port,
            "8080": self.port_in_clear,
            "127.0.0.1:8081": self.port_of_health,
        }
        for written, port in listening.items():
            config = config.replace(f"listen {written}", f"listen 127.0.0.1:{port}")
        for written, here in self._addresses.items():
            assert f"server {written} " in config
            config = config.replace(f"server {written} ", f"server {here} ")
        (self.folder / "nginx.conf").write_text(config)

    def command(self):
        options = ["-p", str(self.folder), "-e", "stderr", "-g", "daemon off;"]
        return [self._program, "-c", str(self.folder / "nginx.conf"), *options]

    def is_answering(self):
        with closing(HTTPConnection("127.0.0.1", self.port_of_health, timeout=5)) as connection:
            try:
                connection.request("GET", "/")
                return connection.getresponse().status == 204
            except OSError:
                return False

    def connect(self, *, host=HOST, source=""):
        """Return a connection to a host that is here, as its clients make it."""
        connection = HTTPSConnection(host, timeout=30)
        context = ssl.create_default_context(cafile=self.certificate)
        plain = socket.create_connection(("127.0.0.1", self.port), 30, (source, 0))
        with ExitStack() as stack:
            stack.callback(plain.close)
            connection.sock = context.wrap_socket(plain, server_hostname=host)
            stack.pop_all()
        return connection

    @contextmanager
    def client(self, *, source=""):
        with closing(Https(self, source)) as http:
            yield GraphQLClient(http)


class Https(Http):
    """Speaks HTTP to the proxy: over a new connection for each request."""

    def __init__(self, proxy, source):
        self._proxy, self._source = proxy, source
        self._keep_alive = False

    @property
    def _connection(self):
        if self._made is None or self._made.sock is None:
            self._made = self._proxy.connect(source=self._source)
        return self._made

    _made = None


def make_certificate(certificate, key):
    """Write a certificate for `HOST` that is its own authority."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(private.private_bytes(*form, serialization.NoEncryption()))


@pytest.fixture(scope="session")
def proxy_of(compose, services):
    """Return what makes a proxy to nodes on these ports."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None and os.environ.get("CI") != "true":
        pytest.skip("Install nginx to run the proxy of compose.yaml.")
    assert program, "Install nginx."
    written = [services[name]["networks"]["front"]["ipv4_address"] for name in NODES]

    def make(*ports):
        pairs = zip(written, ports, strict=True)
        addresses = {f"{address}:8000": f"127.0.0.1:{port}" for address, port in pairs}
        return Proxy(program, compose["configs"]["nginx"]["content"], addresses)

    return make


@pytest.fixture(scope="module")
def proxy(proxy_of, nodes):
    with proxy_of(*(node.port for node in nodes)) as proxy:
        yield proxy


@pytest.fixture
def client(nodes, proxy):
    nodes[0].reset()
    with proxy.client() as client:
        yield client


# -- The file --------------------------------------------------------------------------------------


def test_every_variable_of_the_api_is_read_and_explained(services):
    explained = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/running.md").read_text(), re.MULTILINE)
    )
    read = set(re.findall(r'"([A-Z_]+)"', (ROOT / "api/settings.py").read_text()))

    for name in ("migrate", "keys", *NODES):
        given = services[name]["environment"].keys()
        assert given - explained == set()
        assert given - read == set()


def test_what_stands_in_env_is_explained(text):
    explained = (ROOT / "docs/production.md").read_text()
    names = {reference["name"] for reference in REFERENCE.finditer(text)} - {None}

    assert {name for name in names if f"`{name}`" not in explained} == set()
    required = {
        reference["name"] for reference in REFERENCE.finditer(text) if reference["how"] == ":?"
    }
    assert required == WRITTEN.keys()


def test_only_the_proxy_can_be_reached_from_outside(compose, services):
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert "back" not in services["proxy"]["networks"]
    assert compose["networks"]["back"]["internal"] is True
    for name in ("postgres", "valkey", "migrate", "keys"):
        assert list(services[name]["networks"]) == ["back"]


def test_the_proxy_alone_is_trusted(services):
    [trusted] = {services[name]["environment"]["TRUSTED_PROXIES"] for name in NODES}

    assert trusted == services["proxy"]["networks"]["front"]["ipv4_address"]


def test_one_service_alone_may_write_keys(services):
    mounted = {name: service.get("volumes", []) for name, service in services.items()}

    assert mounted.pop("keys") == ["keys:/keys"]
    assert services["keys"]["profiles"]
    for name in ("migrate", *NODES):
        assert mounted.pop(name) == ["keys:/keys:ro"]
    assert "keys" not in str(mounted)


def test_every_service_is_bounded_and_comes_back(services):
    for name, service in services.items():
        assert {"cpus", "memory"} <= service["deploy"]["resources"]["limits"].keys(), name
        runs_once = name in {"migrate", "keys"}
        assert service["restart"] == ("no" if runs_once else "unless-stopped"), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"] == {"driver": "local"}, name


def test_database_connections_suffice_for_both_nodes_twice(services):
    [most] = [
        int(option.partition("=")[2])
        for option in services["postgres"]["command"]
        if "max_connections" in option
    ]
    workers = int(services["api-1"]["command"][-1])

    assert 2 * len(NODES) * workers * 5 <= most


def test_the_image_has_what_it_takes(tmp_path, environ, services):
    """Whatever `.dockerignore` lets into the image is checked where nothing else is."""
    left_out, *lines = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line[:1] not in {"", "#"}
    ]
    assert left_out == "*"
    for path in (line[1:] for line in lines if line.startswith("!")):
        if (ROOT / path).is_dir():
            shutil.copytree(
                ROOT / path,
                tmp_path / path,
                ignore=shutil.ignore_patterns("__pycache__", "graphiql"),
            )
        else:
            (tmp_path / path).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)

    def run(*command):
        given = {"PATH": os.environ["PATH"], **environ}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("-m", "compileall", "-q", ".")
    assert services["migrate"]["command"][:2] == ["python", "manage.py"]
    run(*services["migrate"]["command"][1:])
    page = (ROOT / "docs/production.md").read_text()
    [told] = set(re.findall(r"python (manage\.py check --deploy .*)", page))
    checked = run(*told.split())
    assert "no issues (4 silenced)" in checked
    assert "Copied" in run("manage.py", "rebuild_store")


# -- What it makes ---------------------------------------------------------------------------------


def test_a_revoked_token_fails_in_both_nodes(client, nodes):
    tokens = client.sign_in()
    mine = client.bearing(tokens)
    assert mine(ME).data == {"me": {"username": "alice"}}
    assert mine(LOGOUT).data == {"logout": {"ok": True}}

    assert mine(ME).reason == "TOKEN_REVOKED"
    for node in nodes:
        with closing(Http(node.port)) as http:
            asked = GraphQLClient(http, TO_A_NODE).bearing(tokens)
            assert asked(ME).reason == "TOKEN_REVOKED"


def test_valkey_lets_the_api_do_what_it_does_and_nobody_else(client, nodes, environ, valkey):
    import redis

    tokens = client.sign_in()
    for _ in range(40):
        client(VERIFY, token=tokens.access)
    client.bearing(tokens)(LOGOUT)
    nodes[0].manage("rebuild_store")

    with closing(redis.Redis.from_url(environ["REDIS_URL"])) as allowed:
        commands = allowed.info("commandstats")
        # A client's library says what it is called; strangers are not even allowed that.
        commands.pop("cmdstat_client|setinfo", None)
        assert commands["cmdstat_exists"]["calls"] > 20
        assert [name for name, counted in commands.items() if counted["rejected_calls"]] == []
        for forbidden in ("FLUSHALL", "CONFIG GET *", "KEYS *", "SET other 1", "SHUTDOWN"):
            with pytest.raises(redis.exceptions.NoPermissionError):
                allowed.execute_command(*forbidden.split())
    with closing(valkey.client()) as stranger, pytest.raises(redis.exceptions.NoPermissionError):
        stranger.info()


def test_nobody_evades_the_counter_of_wrong_passwords(proxy, client, nodes):
    def forged(number):
        address = f"203.0.113.{number}"
        names = ("X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP")
        return {name: f"for={address}" if name == "Forwarded" else address for name in names}

    reasons = []
    with proxy.client(source="127.0.0.2") as guesser:
        for number in range(11):
            guess = GraphQLClient(guesser.http, forged(number))
            answer = guess('mutation { tokenAuth(username: "alice", password: "no") { token } }')
            reasons.append(answer.reason)
    assert reasons == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"]

    # It was that address, not the proxy's: from elsewhere, the account is open.
    client.sign_in()
    assert nodes[0].sql("SELECT DISTINCT host(ip_address) FROM revocation_session") == [
        ("127.0.0.0",)
    ]


def test_bodies_that_never_end_hold_no_worker(proxy, client):
    beginning = (
        f"POST /graphql HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n{"
    )
    mine = client.bearing(client.sign_in())
    with ExitStack() as stack:
        held = [stack.enter_context(closing(proxy.connect())).sock for _ in range(MANY)]
        for connection in held:
            connection.sendall(beginning.encode())
        assert mine(ME).data == {"me": {"username": "alice"}}
        # And not because nginx had given them up by then.
        for connection in held:
            connection.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                connection.recv(1)


@pytest.mark.parametrize("more", [0, 1])
def test_a_body_above_the_limit_is_refused_as_the_api_would(client, more):
    query = {"query": "{ version }", "variables": {"padding": ""}}
    body = '{"query": "{ version }", "variables": {"padding": "%s"}}'
    padding = "x" * (2**20 - len(body % "") + more)
    query["variables"]["padding"] = padding

    answer = client.post(query)

    assert (answer.status, answer.body.get("errors") is None) == (
        (413, False) if more else (200, True)
    )
    if more:
        assert answer.reason == "BODY_TOO_LARGE"


def test_other_hosts_are_met_with_silence(proxy):
    with pytest.raises(ssl.SSLError):
        proxy.connect(host="other.example.com")
    with closing(HTTPConnection("127.0.0.1", proxy.port_in_clear, timeout=30)) as connection:
        connection.request("GET", "/graphql", headers={"Host": "other.example.com"})
        with pytest.raises(ConnectionError):
            connection.getresponse()


def test_requests_in_clear_are_sent_to_https(proxy):
    with closing(HTTPConnection("127.0.0.1", proxy.port_in_clear, timeout=30)) as connection:
        connection.request("GET", "/graphql?query={version}", headers={"Host": HOST})
        answer = connection.getresponse()

    assert (answer.status, answer.headers["Location"]) == (
        308,
        f"https://{HOST}/graphql?query={{version}}",
    )


def test_the_health_check_asks_for_the_database_and_not_for_valkey(
    services, nodes, postgres, valkey
):
    kind, program, *arguments = services["api-1"]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    command = [
        sys.executable,
        *(part.replace(":8000/", f":{nodes[0].port}/") for part in arguments),
    ]

    def is_healthy():
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    assert is_healthy()
    valkey.stop()
    try:
        assert is_healthy()
    finally:
        valkey.start()
    postgres.stop()
    try:
        assert not is_healthy()
    finally:
        postgres.start()
    assert is_healthy()


def test_metrics_are_read_of_each_node_and_of_none_through_the_proxy(client, nodes):
    token = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    for node, name in zip(nodes, NODES, strict=True):
        with closing(Http(node.port)) as http:
            answer = http.send("GET", "/metrics", None, token | {"Host": f"{name}:8000"})

        assert b"revocation_verdicts_total" in answer.content

    assert client.http.send("GET", "/metrics", None, token).status_code == 404


def test_replacing_one_node_after_the_other_costs_no_request(client, proxy, nodes):
    mine = client.bearing(client.sign_in())
    is_over = Event()

    def ask():
        answers = []
        with proxy.client() as asking:
            mine_too = replace(asking, headers=mine.headers)
            while not is_over.is_set():
                answers.append(mine_too(ME).status)
        return answers

    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(ask) for _ in range(2)]
        try:
            nodes[1].stop()
            for _ in range(50):
                assert mine(ME).data == {"me": {"username": "alice"}}
        finally:
            is_over.set()
        statuses = [status for answers in asked for status in answers.result()]
    # For the tests that follow; the proxy knows its port no more.
    nodes[1].start()
    assert set(statuses) == {200}


def test_without_a_node_the_proxy_says_so_as_the_api_would(proxy_of):
    with proxy_of(free_port(), free_port()) as alone, alone.client() as client:
        answer = client(ME)

    assert (answer.status, answer.reason) == (503, "REVOCATION_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "1"


# -- Switching the store ---------------------------------------------------------------------------


def test_while_the_store_is_switched_a_logout_counts_on_every_node_at_once(template, environ):
    stores = ("database", "standby", "redis")
    with nodes_over_one_database(template, environ, stores=stores) as nodes:
        database, standby, redis = (GraphQLClient(node.client().http, TO_A_NODE) for node in nodes)
        pairs = [(database, standby), (standby, database), (standby, redis), (redis, standby)]
        for there, elsewhere in pairs * 10:
            tokens = there.sign_in()
            # Where Redis is asked, its lease is young and says that the token is good.
            assert "errors" not in elsewhere(VERIFY, token=tokens.access).body
            assert there.bearing(tokens)(LOGOUT).data == {"logout": {"ok": True}}
            assert elsewhere(VERIFY, token=tokens.access).reason == "TOKEN_REVOKED"
