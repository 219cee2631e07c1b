"""Settings of a server whose Redis may be slow: a machine under load is no fault of the API's."""

from datetime import timedelta

from tests.live_settings import *  # noqa: F403
from tests.live_settings import REVOCATION

REVOCATION["REDIS_TIMEOUT"] = timedelta(seconds=2)
