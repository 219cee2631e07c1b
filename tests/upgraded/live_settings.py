"""A live server of an upgraded project, with the table of before."""

from tests.live_settings import *  # noqa: F403
from tests.live_settings import GRAPHQL_JWT, INSTALLED_APPS, REVOCATION
from tests.revocation.legacy.old_world import soon

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "graphql_jwt.refresh_token",
    "rest_framework_simplejwt.token_blacklist",
]
GRAPHQL_JWT = {
    name: value for name, value in GRAPHQL_JWT.items() if name != "JWT_LONG_RUNNING_REFRESH_TOKEN"
}
REVOCATION = REVOCATION | {"ACCEPT_LEGACY_UNTIL": soon()}
