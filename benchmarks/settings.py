"""What `django-admin startproject` writes, in production: the settings contenders start from.

Database, secret and hosts are those of the API's own settings, so that all contenders share them;
the installed apps are everybody's. What a contender adds or changes, it says itself.
"""

from api import settings as api

DEBUG = False
SECRET_KEY = api.SECRET_KEY
ALLOWED_HOSTS = api.ALLOWED_HOSTS
# With persistent connections. Django's default opens the file anew for each request, which would
# flatter whoever does not.
DATABASES = api.DATABASES
DEFAULT_AUTO_FIELD = api.DEFAULT_AUTO_FIELD

INSTALLED_APPS = [*api.INSTALLED_APPS, "rest_framework", "benchmarks"]
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
