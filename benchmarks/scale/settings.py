"""The API's own settings, on two databases that differ in their size alone."""

from api.databases import database
from api.settings import *  # noqa: F403
from api.settings import DATABASES

DATABASES["small"] = database("SMALL_DATABASE_URL")
# Signing in is here to write rows, not to hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
