"""Settings of a server that breaks its promises in the way that `BROKEN` names."""

from tests.live_settings import *  # noqa: F403
from tests.live_settings import MIDDLEWARE, REVOCATION, env

BROKEN = env.str("BROKEN")
if BROKEN.endswith("Store"):
    REVOCATION["STORE"] = f"tests.consistency.broken.{BROKEN}"
MIDDLEWARE = ["tests.consistency.broken.break_promises", *MIDDLEWARE]
