"""Where revoked keys are kept. `current_store` is the one the settings name."""

from functools import lru_cache

from django.utils.module_loading import import_string

from ..conf import conf
from .base import Facts, Store

__all__ = ["Facts", "Store", "current_store"]

_SHORT_NAMES = {"database": "revocation.stores.database.DatabaseStore"}


def current_store() -> Store:
    """Return the store that `REVOCATION["STORE"]` names: a short name or a dotted path."""
    return _store_of(conf().store)


@lru_cache(maxsize=4)
def _store_of(name: str) -> Store:
    store: type[Store] = import_string(_SHORT_NAMES.get(name, name))
    return store()
