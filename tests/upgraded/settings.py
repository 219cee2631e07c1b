"""Settings of an upgraded project that still has the tables of what it used before.

Those tables are no part of the default settings: a suite of its own, run by
`tests/revocation/legacy/test_tables_of_before.py`, has them.
"""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, GRAPHQL_JWT, INSTALLED_APPS

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "graphql_jwt.refresh_token",
    "rest_framework_simplejwt.token_blacklist",
]
# As django-graphql-jwt has it by default: access tokens are refreshed.
GRAPHQL_JWT = {
    name: value for name, value in GRAPHQL_JWT.items() if name != "JWT_LONG_RUNNING_REFRESH_TOKEN"
}
# The suite that runs this one has the other.
DATABASES["default"]["TEST"] = {**DATABASES["default"].get("TEST", {}), "NAME": "test_upgraded"}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"]["NAME"] = None
