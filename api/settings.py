"""Settings, read from the environment. Defaults are those of production, short of the secret."""

from datetime import timedelta

from api.databases import PROJECT, database
from api.environment import (
    choice,
    count,
    env,
    keys,
    networks,
    origins,
    previous_keys,
    seconds,
    secret,
    switch,
)
from api.log import written_as

BASE_DIR = PROJECT

# -- How it is run ---------------------------------------------------------------------------------

DEBUG = switch("DJANGO_DEBUG", default=False)
# `api.deployment` refuses to serve on this secret without DEBUG; management commands run.
DEVELOPMENT_SECRET_KEY = "django-insecure-for-development-only-everybody-knows-it"  # noqa: S105
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default=DEVELOPMENT_SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
# Who presents it may read `/metrics`; without one there is no such page, and nothing is counted.
METRICS_TOKEN = secret("METRICS_TOKEN")

# -- The GraphQL endpoint --------------------------------------------------------------------------

GRAPHIQL = switch("GRAPHIQL", default=DEBUG)
INTROSPECTION = switch("INTROSPECTION", default=True)
# Middleware here would run once per field, and with DEBUG graphene-django adds some by default.
GRAPHENE = {"SCHEMA": "schema.root.schema", "MIDDLEWARE": []}

# Origins whose pages may use the endpoint, with credentials; their answers say so, others' do not.
CORS_ALLOWED_ORIGINS = origins("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/graphql/?$"
CORS_ALLOW_METHODS = ["GET", "OPTIONS", "POST"]
CORS_ALLOW_HEADERS = [
    "accept",
    "apollo-require-preflight",
    "apollographql-client-name",
    "apollographql-client-version",
    "apollographql-library-name",
    "apollographql-library-version",
    "authorization",
    "content-type",
    "x-apollo-operation-name",
    "x-csrftoken",
]
CORS_EXPOSE_HEADERS = ["retry-after", "www-authenticate"]

# -- Tokens ----------------------------------------------------------------------------------------

HTTPS = switch("HTTPS", default=not DEBUG)

GRAPHQL_JWT = {
    "JWT_ALGORITHM": env.str("JWT_ALGORITHM", default="") or "HS256",
    # Each may be in a file instead, which JWT_SECRET_KEY_FILE and so on name. Without any,
    # SECRET_KEY signs: `check --deploy` warns of it.
    **keys("JWT_SECRET_KEY", "JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY"),
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_EXPIRATION_DELTA": timedelta(seconds=seconds("ACCESS_TOKEN_SECONDS", default=300)),
    "JWT_LONG_RUNNING_REFRESH_TOKEN": True,
    "JWT_REFRESH_EXPIRATION_DELTA": timedelta(
        seconds=seconds("REFRESH_TOKEN_SECONDS", default=604_800)
    ),
    "JWT_COOKIE_SECURE": HTTPS,
    "JWT_COOKIE_SAMESITE": "Lax",
    "JWT_HIDE_TOKEN_FIELDS": switch("JWT_HIDE_TOKEN_FIELDS", default=False),
}
REVOCATION = {
    # In place of all of these, the file that `manage.py rotate_key` keeps.
    "KEYS_FILE": env.str("JWT_KEYS_FILE", default="") or None,
    "PREVIOUS_KEYS": previous_keys("JWT_PREVIOUS_KEYS", "JWT_PREVIOUS_KEYS_FILES"),
    "STORE": choice("REVOCATION_STORE", of=("database", "redis", "standby")),
    "REDIS_URL": env.str("REDIS_URL", default="") or None,
    "COOKIE_MODE": switch("JWT_COOKIE_MODE", default=False),
    "GRACE_SECONDS": seconds("REFRESH_GRACE_SECONDS", default=10, least=0),
    "IDLE_TIMEOUT": count("IDLE_TIMEOUT_SECONDS"),
    "MAX_SESSIONS": count("MAX_SESSIONS"),
    "END_ON_PASSWORD_CHANGE": switch("END_ON_PASSWORD_CHANGE", default=True),
    "END_ON_DEACTIVATION": switch("END_ON_DEACTIVATION", default=True),
    "END_ON_DEMOTION": switch("END_ON_DEMOTION", default=False),
    "STRICT_401": switch("STRICT_401", default=False),
    # Where services find /status, for lists of what has ended; they need a key pair.
    "STATUS_LIST_URL": env.str("STATUS_LIST_URL", default="") or None,
    # Services that may introspect and revoke: name=secret, separated by commas.
    "OAUTH_CLIENTS": env.dict("OAUTH_CLIENTS", default={}),
}

# -- Application -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "api.apps.CountingAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "graphene_django",
    "revocation",
    "api.apps.ApiConfig",
]
MIDDLEWARE = [
    # Outermost, so that errors can be read by the pages of those origins too.
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "api.middleware.GraphQLFailuresMiddleware",
    # The endpoint passes by those that follow in one piece: they serve pages, and probes.
    "api.endpoint.EndpointMiddleware",
    "api.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "revocation.middleware.RevocationMiddleware",
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
# For the admin's log-in page; `tokenAuth` counts by itself.
AUTHENTICATION_BACKENDS = ["revocation.backends.CountingModelBackend"]
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

DATABASES = {"default": database("DATABASE_URL")}
# Django's own caches that all workers share and that need nothing else: the database. Not Redis,
# which has no bound on entries: strangers could fill it, and with it what revocations need.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "persisted_queries": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "persisted_queries",
        "TIMEOUT": timedelta(days=30).total_seconds(),
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}
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
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# HSTS for subdomains and preloading decide about a whole domain; one API must not.
SILENCED_SYSTEM_CHECKS = [
    "security.W005",
    "security.W021",
    *env.list("SILENCED_SYSTEM_CHECKS", default=[]),
]

# -- Log -------------------------------------------------------------------------------------------

LOGGING = written_as(choice("LOG_FORMAT", of=("line", "json")))
