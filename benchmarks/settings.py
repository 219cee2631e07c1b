"""The settings all contenders of one process start from: a new project with everybody's apps."""

from api import settings as api

from . import libraries
from .contenders import is_installed
from .startproject import *  # noqa: F403

# The API's app looks at it before any contender's settings are in force.
METRICS_TOKEN = api.METRICS_TOKEN
INSTALLED_APPS = [*api.INSTALLED_APPS, "rest_framework", "benchmarks"]

if is_installed("rest_framework_simplejwt"):
    INSTALLED_APPS += libraries.SIMPLE_JWT_APPS
    SIMPLE_JWT = libraries.SIMPLE_JWT

if is_installed("gqlauth"):
    INSTALLED_APPS += libraries.GQL_AUTH_APPS
    GQL_AUTH = libraries.gql_auth()
