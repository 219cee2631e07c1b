"""Settings, read from the environment. Defaults are those of production, short of the secret."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from api.environment import database as database_from
from api.environment import env, networks, seconds, switch

BASE_DIR = Path(__file__).resolve().parent.parent

# -- How it is run ---------------------------------------------------------------------------------

DEBUG = switch("DJANGO_DEBUG", default=False)
# `api.deployment` refuses to serve on this secret without DEBUG; management commands run.
DEVELOPMENT_SECRET_KEY = "django-insecure-for-development-only-everybody-knows-it"  # noqa: S105
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default=DEVELOPMENT_SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")

# -- The GraphQL endpoint --------------------------------------------------------------------------

GRAPHIQL = switch("GRAPHIQL", default=DEBUG)
INTROSPECTION = switch("INTROSPECTION", default=True)
# Middleware here would run once per field, and with DEBUG graphene-django adds some by default.
GRAPHENE = {"SCHEMA": "schema.root.schema", "MIDDLEWARE": []}

# -- Tokens ----------------------------------------------------------------------------------------

HTTPS = switch("HTTPS", default=not DEBUG)

GRAPHQL_JWT = {
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_EXPIRATION_DELTA": timedelta(seconds=seconds("ACCESS_TOKEN_SECONDS", default=300)),
    "JWT_LONG_RUNNING_REFRESH_TOKEN": True,
    "JWT_REFRESH_EXPIRATION_DELTA": timedelta(
        seconds=seconds("REFRESH_TOKEN_SECONDS", default=604_800)
    ),
    "JWT_COOKIE_SECURE": HTTPS,
    "JWT_COOKIE_SAMESITE": "Lax",
}
REVOCATION = {"GRACE_SECONDS": seconds("REFRESH_GRACE_SECONDS", default=10, least=0)}

# -- Application -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "graphene_django",
    "revocation",
    "api",
]
MIDDLEWARE = [
    "api.middleware.GraphQLFailuresMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "revocation.middleware.RevocationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "api.urls"
WSGI_APPLICATION = "api.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

# -- Database --------------------------------------------------------------------------------------

# Seconds a writer waits for its turn before "database is locked".
SQLITE_BUSY_SECONDS = 20
SQLITE_OPTIONS = {
    "timeout": SQLITE_BUSY_SECONDS,
    # A transaction that reads first and writes later cannot wait for its turn: it fails at once.
    "transaction_mode": "IMMEDIATE",
    # FULL: an acknowledged logout survives a power cut, which WAL's usual NORMAL does not promise.
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
}


def database() -> dict[str, Any]:
    """Return what DATABASE_URL says, or SQLite in the project's folder."""
    chosen = database_from("DATABASE_URL") or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
    }
    if chosen["ENGINE"] == "django.db.backends.sqlite3":
        chosen["OPTIONS"] = SQLITE_OPTIONS | chosen.get("OPTIONS", {})
    # Opening a connection costs more than a protected request does.
    return {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True} | chosen


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Static files ----------------------------------------------------------------------------------

STATIC_URL = "/static/"
# Served from where they lie, also without DEBUG: there is nothing to collect and to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Vite puts the hash of their content into these names.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/graphiql/assets/.+-[\w-]{8}\.\w+$"

# -- HTTPS -----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# HSTS for subdomains and preloading decide about a whole domain; one API must not.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# -- Log -------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Django's own handler mails tracebacks with the local variables of every frame.
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # A refused request is the client's business and is answered, not logged.
        "django.request": {"level": "ERROR"},
    },
}
