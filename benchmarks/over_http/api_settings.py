"""The API's own settings, its schema with the list more, and passwords hashed as all others do."""

from api.settings import *  # noqa: F403
from api.settings import INSTALLED_APPS
from benchmarks.startproject import PASSWORD_HASHERS  # noqa: F401

INSTALLED_APPS += ["benchmarks"]
ROOT_URLCONF = "benchmarks.contenders.ours_schema"
