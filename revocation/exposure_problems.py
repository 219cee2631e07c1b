"""Every question about who else is let in, or near, by settings that are allowed."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from .key_problems import SHORTEST_SECRET_BYTES, is_symmetric
from .problem import Problem
from .problems import STORES_OF_REDIS
from .written import jwt_setting, own_setting

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# Whoever matches one of these matches everybody.
_STRANGERS = ("https://stranger.invalid", "http://stranger.invalid", "null")
# How a pattern ends that says where an origin does, or may.
_ENDS = ("$", r"\Z", ")")


def exposure_problems() -> Iterator[Problem]:
    """Ask them. Whoever does has seen to it that the settings can be read."""
    yield from _redis_open()
    yield from _cookies_too_far()
    yield from _cookies_in_clear()
    yield from _origins_of_anybody()
    yield from _client_secrets_shared()
    yield from _legacy_tokens_of_anybody()
    yield from _errors_silenced()
    yield from _thieves_kept()


def signs(secret: str) -> bool:
    """Whether a secret is also a key of the settings, with which tokens or cookies are signed."""
    keys = [jwt_setting("JWT_SECRET_KEY"), settings.SECRET_KEY, *own_setting("PREVIOUS_KEYS")]
    return secret in keys or secret.encode() in keys


def _redis_open() -> Iterator[Problem]:
    if own_setting("STORE") not in STORES_OF_REDIS:
        return
    parts = urlsplit(own_setting("REDIS_URL"))
    is_here = parts.scheme == "unix" or parts.hostname in LOOPBACK
    # A certificate proves who the API is, too.
    is_proven = parts.password or {"password", "ssl_certfile"} & parse_qs(parts.query).keys()
    if not is_here and not is_proven:
        yield Problem(
            "revocation.W066",
            "REVOCATION['REDIS_URL'] has no password: whoever reaches that host can unrevoke.",
            'REVOCATION["REDIS_URL"] = "rediss://user:password@host:6379/0", and in Redis: '
            "ACL SETUSER user on >password ~revocation:* +eval +evalsha +info +time +get +set +del "
            "+exists +pttl +pexpire",
        )


def _cookies_too_far() -> Iterator[Problem]:
    if not own_setting("COOKIE_MODE"):
        return
    facts = {
        "JWT_COOKIE_DOMAIN": "every host of the domain gets the tokens, and can plant some",
        "JWT_COOKIE_PATH": "without the prefix __Host- every host of the domain can plant tokens",
        "JWT_COOKIE_SAMESITE": "browsers send the tokens along with requests of any site",
    }
    for name, fact in facts.items():
        if jwt_setting(name) not in (None, "", "/", "Lax", "Strict"):
            yield Problem(
                "revocation.W069",
                f"GRAPHQL_JWT[{name!r}] is {jwt_setting(name)!r}: {fact}.",
                f'del GRAPHQL_JWT["{name}"]',
            )


def _client_secrets_shared() -> Iterator[Problem]:
    clients = own_setting("OAUTH_CLIENTS")
    for name, secret in clients.items():
        is_key = signs(secret)
        if is_key or list(clients.values()).count(secret) > 1:
            whose = "is a key that signs tokens" if is_key else "is another client's as well"
            yield Problem(
                "revocation.E060",
                f"The secret of {name!r} in REVOCATION['OAUTH_CLIENTS'] {whose}: it cannot be "
                "taken from one without the other, and the service can act as the other.",
                'Make one of its own, python -c "import secrets; print(secrets.token_hex(32))", '
                f'and set REVOCATION["OAUTH_CLIENTS"]["{name}"] to it.',
            )


def _errors_silenced() -> Iterator[Problem]:
    for check_id in settings.SILENCED_SYSTEM_CHECKS:
        if check_id.startswith(("revocation.E", "api.E")):
            yield Problem(
                "revocation.E062",
                f"SILENCED_SYSTEM_CHECKS has {check_id}, an error: it is there all the same.",
                f'SILENCED_SYSTEM_CHECKS.remove("{check_id}")',
            )


def _cookies_in_clear() -> Iterator[Problem]:
    if own_setting("COOKIE_MODE") and not jwt_setting("JWT_COOKIE_SECURE"):
        yield Problem(
            "revocation.E063",
            "GRAPHQL_JWT['JWT_COOKIE_SECURE'] is off: one request without TLS shows the tokens to "
            "everybody on the way.",
            'GRAPHQL_JWT["JWT_COOKIE_SECURE"] = True',
        )


def _origins_of_anybody() -> Iterator[Problem]:
    for who in _wide_origins():
        yield Problem(
            "revocation.E064",
            f"{who} can read what the API answers its users.",
            "CORS_ALLOW_ALL_ORIGINS = False; CORS_ALLOWED_ORIGIN_REGEXES = []; "
            'CORS_ALLOWED_ORIGINS = ["https://app.example.com"]',
        )


def _wide_origins() -> Iterator[str]:
    if getattr(settings, "CORS_ALLOW_CREDENTIALS", False):
        yield from _origins_by_pattern()
    name, origins = _cors("CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST", ())
    for origin in origins:
        parts = urlsplit(origin)
        if origin == "null":
            yield f"{name} has 'null': any page, in a frame of its making,"
        elif parts.scheme == "http" and parts.hostname not in LOOPBACK:
            yield f"{name} has {origin}: whoever rewrites that page on its way"


def _origins_by_pattern() -> Iterator[str]:
    name, is_any = _cors("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL", False)
    if is_any:
        yield f"{name} and CORS_ALLOW_CREDENTIALS are on: any page"
    name, patterns = _cors("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST", ())
    for pattern in map(re.compile, filter(_is_pattern, patterns)):
        if any(pattern.match(origin) for origin in _STRANGERS):
            yield f"{name} has {pattern.pattern!r}: any page"
        elif not pattern.pattern.endswith(_ENDS):
            yield f"{name} has {pattern.pattern!r}, which ends nowhere: the page of a longer name"


def _is_pattern(found: Any) -> bool:
    return isinstance(found, str) or (
        isinstance(found, re.Pattern) and isinstance(found.pattern, str)
    )


def _cors(name: str, name_before: str, default: Any) -> tuple[str, Any]:
    """Return a setting of django-cors-headers by the name it has, of the two that are read."""
    name = name if hasattr(settings, name) else name_before
    found = getattr(settings, name, default)
    # What is of another kind is that package's to tell.
    is_of_its_kind = isinstance(found, bool if default is False else list | tuple)
    return name, found if is_of_its_kind else default


def _legacy_tokens_of_anybody() -> Iterator[Problem]:
    if own_setting("ACCEPT_LEGACY_UNTIL") is None:
        return
    if own_setting("ACCEPT_LEGACY_EXPIRED"):
        yield Problem(
            "revocation.W071",
            "REVOCATION['ACCEPT_LEGACY_EXPIRED'] is on: until ACCEPT_LEGACY_UNTIL every access "
            "token counts that was ever issued, wherever it was left.",
            'del REVOCATION["ACCEPT_LEGACY_EXPIRED"]',
        )
    given = getattr(settings, "SIMPLE_JWT", {})
    key = str(given.get("SIGNING_KEY", settings.SECRET_KEY)).encode()
    if is_symmetric(given.get("ALGORITHM", "HS256")) and len(key) < SHORTEST_SECRET_BYTES:
        yield Problem(
            "revocation.W072",
            f"SIMPLE_JWT['SIGNING_KEY'] is shorter than {SHORTEST_SECRET_BYTES} bytes: whoever has "
            "one token can find it by trying, and until ACCEPT_LEGACY_UNTIL write others.",
            'REVOCATION["ACCEPT_LEGACY_UNTIL"] = None',
        )


def _thieves_kept() -> Iterator[Problem]:
    if not own_setting("END_ON_PASSWORD_CHANGE"):
        yield Problem(
            "revocation.W075",
            "REVOCATION['END_ON_PASSWORD_CHANGE'] is off: whoever has stolen a session keeps it "
            "when its owner takes a new password.",
            'REVOCATION["END_ON_PASSWORD_CHANGE"] = True',
        )
