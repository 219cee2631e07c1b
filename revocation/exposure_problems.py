"""Every question about who else is let in, or near, by settings that are allowed."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import get_hashers

from .problem import Problem
from .problems import STORES_OF_REDIS
from .written import jwt_setting, own_setting

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
STOCK_BACKEND = "django.contrib.auth.backends.ModelBackend"
COUNTING_BACKEND = "revocation.backends.CountingModelBackend"

# One computer tries thousands of millions of passwords a second against these.
_FAST_HASHES = frozenset({"md5", "sha1", "unsalted_md5", "unsalted_sha1"})
_VALIDATORS = (
    'AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation." + name} '
    'for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", '
    '"CommonPasswordValidator", "NumericPasswordValidator")]'
)


def exposure_problems() -> Iterator[Problem]:
    """Ask them. Whoever does has seen to it that the settings can be read."""
    yield from _redis_open()
    yield from _guesses_uncounted()
    yield from _cookies_too_far()
    yield from _cookies_in_clear()
    yield from _origins_of_anybody()
    yield from _client_secrets_shared()
    yield from _hash_fast()
    yield from _passwords_unjudged()
    yield from _errors_silenced()


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


def _guesses_uncounted() -> Iterator[Problem]:
    for name in ("ATTEMPTS_PER_ACCOUNT_AND_ADDRESS", "ATTEMPTS_PER_ADDRESS"):
        if own_setting(name) is None:
            yield Problem(
                "revocation.W068",
                f"REVOCATION[{name!r}] is None: nobody counts wrong passwords there.",
                f'del REVOCATION["{name}"]',
            )
    has_admin = apps.is_installed("django.contrib.admin") and not apps.is_installed("axes")
    if has_admin and STOCK_BACKEND in settings.AUTHENTICATION_BACKENDS:
        yield Problem(
            "revocation.W068",
            f"The admin's log-in page asks {STOCK_BACKEND}: nobody counts wrong passwords there.",
            f'AUTHENTICATION_BACKENDS = ["{COUNTING_BACKEND}"]',
        )


def _cookies_too_far() -> Iterator[Problem]:
    if not own_setting("COOKIE_MODE"):
        return
    facts = {
        "JWT_COOKIE_DOMAIN": "every host of the domain gets the tokens, and can plant some",
        "JWT_COOKIE_SAMESITE": "browsers send the tokens along with requests of any site",
    }
    for name, fact in facts.items():
        if jwt_setting(name) not in {None, "", "Lax", "Strict"}:
            yield Problem(
                "revocation.W069",
                f"GRAPHQL_JWT[{name!r}] is {jwt_setting(name)!r}: {fact}.",
                f'del GRAPHQL_JWT["{name}"]',
            )


def _client_secrets_shared() -> Iterator[Problem]:
    clients = own_setting("OAUTH_CLIENTS")
    signing = {jwt_setting("JWT_SECRET_KEY"), settings.SECRET_KEY, *own_setting("PREVIOUS_KEYS")}
    for name, secret in clients.items():
        is_key = secret in signing or secret.encode() in signing
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
            'CORS_ALLOW_ALL_ORIGINS = False; CORS_ALLOWED_ORIGINS = ["https://app.example.com"]',
        )


def _wide_origins() -> Iterator[str]:
    is_any = getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False)
    if is_any and getattr(settings, "CORS_ALLOW_CREDENTIALS", False):
        yield "CORS_ALLOW_ALL_ORIGINS and CORS_ALLOW_CREDENTIALS are on: any page"
    for origin in getattr(settings, "CORS_ALLOWED_ORIGINS", ()):
        parts = urlsplit(origin)
        if origin == "null":
            yield "CORS_ALLOWED_ORIGINS has 'null': any page, in a frame of its making,"
        elif parts.scheme == "http" and parts.hostname not in LOOPBACK:
            yield f"CORS_ALLOWED_ORIGINS has {origin}: whoever rewrites that page on its way"


def _hash_fast() -> Iterator[Problem]:
    for hasher in get_hashers()[:1]:
        if hasher.algorithm in _FAST_HASHES:
            yield Problem(
                "revocation.E065",
                f"PASSWORD_HASHERS begins with {hasher.algorithm}: who copies the table of users "
                "knows most passwords the same day.",
                'PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.PBKDF2PasswordHasher")',
            )


def _passwords_unjudged() -> Iterator[Problem]:
    if not settings.AUTH_PASSWORD_VALIDATORS:
        yield Problem(
            "revocation.E066",
            "AUTH_PASSWORD_VALIDATORS is empty: changePassword takes '1' for a password.",
            _VALIDATORS,
        )
