"""Where revoked keys are kept. `current_store` is the one the settings name."""

from functools import lru_cache

from django.utils.module_loading import import_string

from ..conf import Conf, conf
from .base import SAFE_POLICY, Facts, NotRebuilt, Store
from .urgency import unawaited

__all__ = ["SAFE_POLICY", "Facts", "NotRebuilt", "Store", "current_store", "unawaited"]

_SHORT_NAMES = {
    "database": "revocation.stores.database.DatabaseStore",
    "redis": "revocation.stores.redis.RedisStore",
    "standby": "revocation.stores.redis.StandbyStore",
}


def current_store() -> Store:
    """Return the store that `REVOCATION["STORE"]` names: a short name or a dotted path."""
    return _store_of(conf())


@lru_cache(maxsize=1)
def _store_of(settings: Conf) -> Store:
    store: type[Store] = import_string(_SHORT_NAMES.get(settings.store, settings.store))
    return store()
