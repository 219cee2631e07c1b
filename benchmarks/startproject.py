"""What `django-admin startproject` writes, in production: the settings contenders start from.

Database, secret and hosts are those of the API's own settings, so that all contenders share them.
What a contender adds or changes, it says itself.
"""

from api import settings as api

DEBUG = False
SECRET_KEY = api.SECRET_KEY
ALLOWED_HOSTS = api.ALLOWED_HOSTS
# With persistent connections. Django's default opens the file anew for each request, which would
# flatter whoever does not.
DATABASES = api.DATABASES
DEFAULT_AUTO_FIELD = api.DEFAULT_AUTO_FIELD

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "graphene_django",
    # For the tables of contenders that have some, and the list.
    "benchmarks",
]
# What hashing a password costs would hide what anything else does. Whoever uses Django's own hasher
# adds the same to each sign-in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
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
