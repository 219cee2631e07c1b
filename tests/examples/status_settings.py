"""A live server with a key pair of its own, whose status lists live for two seconds."""

from tests.live_settings import *  # noqa: F403
from tests.live_settings import GRAPHQL_JWT, REVOCATION, env

GRAPHQL_JWT |= {
    "JWT_ALGORITHM": env.str("TEST_ALGORITHM"),
    "JWT_PRIVATE_KEY": env.str("TEST_PRIVATE_KEY", multiline=True),
    "JWT_PUBLIC_KEY": env.str("TEST_PUBLIC_KEY", multiline=True),
}
REVOCATION |= {"STATUS_LIST_LIFETIME": 2}
