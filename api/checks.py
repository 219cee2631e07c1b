"""System checks of what the environment decides, for `manage.py check --deploy`.

Hints are lines for the environment. What is wrong with any project that uses the app is found by
the checks of `revocation`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from revocation.exposure_problems import LOOPBACK, signs
from revocation.problem import Problem
from revocation.problems import problems
from revocation.production import message_of
from revocation.written import own_setting

from .deployment import ensure_servable
from .limits import Limits, limits
from .proxies import network_in

# Shorter prefixes name strangers: no proxy has a sixteenth of all addresses. By version of IP.
_SHORTEST_PREFIX = {4: 8, 6: 16}
_VERIFYING_MODES = {"require", "verify-ca", "verify-full"}
_OPTION_OF_TLS = {"postgresql": "sslmode", "mariadb": "ssl_mode"}


def register() -> None:
    """Add the checks to `manage.py check --deploy`."""
    checks.register(check_environment, checks.Tags.security, deploy=True)


def check_environment(**_: Any) -> list[checks.CheckMessage]:
    """Is there a variable that production should not have?"""
    return [message_of(problem) for question in _QUESTIONS for problem in question()]


def _secret_known() -> Iterator[Problem]:
    try:
        ensure_servable()
    except ImproperlyConfigured as refusal:
        yield Problem(
            "api.E001",
            f"The API refuses to serve: {str(refusal).partition('. ')[0]}.",
            'DJANGO_SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(64))")',
        )


def _debugging() -> Iterator[Problem]:
    if settings.DEBUG:
        yield Problem(
            "api.E002",
            "DJANGO_DEBUG is on: pages of errors show strangers the settings and the code, and "
            "the development secret is good enough.",
            "DJANGO_DEBUG=false",
        )


def _any_host() -> Iterator[Problem]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Problem(
            "api.E003",
            "ALLOWED_HOSTS has '*': whoever names the API as he likes decides what its own origin "
            "is, which in cookie mode keeps other sites out.",
            "ALLOWED_HOSTS=api.example.com",
        )


def _anybody_trusted() -> Iterator[Problem]:
    for text in settings.TRUSTED_PROXIES:
        network = network_in(text)
        if network.prefixlen < _SHORTEST_PREFIX[network.version] and not network.is_private:
            yield Problem(
                "api.E004",
                f"TRUSTED_PROXIES has {text}: strangers say who they are, and guess passwords "
                "under a new address each time.",
                "TRUSTED_PROXIES=10.0.0.2 (the addresses of your proxies)",
            )


def _metrics_by_a_key() -> Iterator[Problem]:
    if problems():
        return
    token = settings.METRICS_TOKEN
    if token and (signs(token) or token in own_setting("OAUTH_CLIENTS").values()):
        yield Problem(
            "api.E005",
            "METRICS_TOKEN is another secret as well: Prometheus, and who reads its configuration, "
            "could write tokens or ask about them.",
            "METRICS_TOKEN=$(openssl rand -hex 32)",
        )


def _limits_off() -> Iterator[Problem]:
    usual = Limits()
    for name in limits().__slots__:
        allowed, default = getattr(limits(), name), getattr(usual, name)
        is_off = not set(default) <= set(allowed) if name == "once" else allowed > default * 100
        if is_off:
            yield Problem(
                "api.W004",
                f"REVOCATION['LIMITS'][{name.upper()!r}] is {allowed!r}, as good as none: one "
                "request may keep a worker busy, or try many passwords.",
                f'del REVOCATION["LIMITS"]["{name.upper()}"]',
            )


def _in_clear() -> Iterator[Problem]:
    if not settings.HTTPS:
        yield Problem(
            "api.W001",
            "HTTPS is off: tokens and passwords may come in clear, and nobody is sent to HTTPS.",
            "HTTPS=true",
        )


def _graphiql_served() -> Iterator[Problem]:
    if settings.GRAPHIQL and not settings.DEBUG:
        yield Problem(
            "api.W002",
            "GRAPHIQL is on: the API serves everybody a page that asks for passwords.",
            "GRAPHIQL=false, or where that is wanted SILENCED_SYSTEM_CHECKS=api.W002",
        )


def _database_in_clear() -> Iterator[Problem]:
    for database in settings.DATABASES.values():
        option = _OPTION_OF_TLS.get(database["ENGINE"].rpartition(".")[2])
        host = database.get("HOST") or ""
        if option is None or not host or host.startswith("/") or host in LOOPBACK:
            continue
        mode = str(database["OPTIONS"].get(option, "")).lower().replace("_", "-")
        if mode not in _VERIFYING_MODES | {"required", "verify-identity"}:
            best = "verify-full" if option == "sslmode" else "VERIFY_IDENTITY"
            yield Problem(
                "api.W003",
                "DATABASE_URL leads to another host and does not insist on TLS: who is on the way "
                "reads hashes of passwords, and decides what is revoked.",
                f"DATABASE_URL=...?{option}={best}, or where the network between them is yours "
                "alone SILENCED_SYSTEM_CHECKS=api.W003",
            )


_QUESTIONS: tuple[Callable[[], Iterator[Problem]], ...] = (
    _secret_known,
    _debugging,
    _any_host,
    _anybody_trusted,
    _metrics_by_a_key,
    _limits_off,
    _in_clear,
    _graphiql_served,
    _database_in_clear,
)
