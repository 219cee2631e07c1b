"""The API's own settings, on two databases that differ in their size alone."""

from api.environment import database as database_from
from api.settings import *  # noqa: F403
from api.settings import DATABASES

DATABASES["small"] = DATABASES["default"] | database_from("SMALL_DATABASE_URL")
# Signing in is here to write rows, not to hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
