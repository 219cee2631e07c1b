"""What `django-admin startproject` writes, in production: the settings contenders start from.

Database, secret and hosts are those of the API's own settings, so that all contenders share them;
the installed apps are everybody's. What a contender adds or changes, it says itself.
"""

from typing import Any

from api import settings as api

from . import stage
from .contenders import is_installed

DEBUG = False
SECRET_KEY = api.SECRET_KEY
ALLOWED_HOSTS = api.ALLOWED_HOSTS
# With persistent connections. Django's default opens the file anew for each request, which would
# flatter whoever does not.
DATABASES = api.DATABASES
DEFAULT_AUTO_FIELD = api.DEFAULT_AUTO_FIELD

INSTALLED_APPS = [*api.INSTALLED_APPS, "rest_framework", "benchmarks"]
# What hashing a password costs would hide what anything else does. Whoever uses Django's own hasher
# adds the same to each sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    # Of users that another process has created under the API's settings.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = api.TEMPLATES
AUTH_PASSWORD_VALIDATORS = api.AUTH_PASSWORD_VALIDATORS
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # It logs a traceback of every refusal, and here many are asked for.
    "loggers": {"strawberry.execution": {"level": "CRITICAL"}},
}

# -- Libraries that read their settings once, when they are imported -------------------------------

if is_installed("rest_framework_simplejwt"):
    INSTALLED_APPS += ["rest_framework_simplejwt", "rest_framework_simplejwt.token_blacklist"]
    SIMPLE_JWT: dict[str, Any] = {
        "ACCESS_TOKEN_LIFETIME": stage.TOKEN_LIFETIME,
        "REFRESH_TOKEN_LIFETIME": stage.REFRESH_LIFETIME,
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    }

if is_installed("gqlauth"):
    from gqlauth.settings_type import GqlAuthSettings

    INSTALLED_APPS += ["strawberry_django", "gqlauth"]
    GQL_AUTH = GqlAuthSettings(
        LOGIN_REQUIRE_CAPTCHA=False,
        REGISTER_REQUIRE_CAPTCHA=False,
        ALLOW_LOGIN_NOT_VERIFIED=True,
        JWT_EXPIRATION_DELTA=stage.TOKEN_LIFETIME,
    )
