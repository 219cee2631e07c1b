"""Settings of `tests.live`, for a worker whose clock is wrong or whose store is not the product's.

`CLOCK` in the environment names a file, which says by how many seconds the clock is ahead, for as
long as it is there; `STORE` the dotted path of a store.
"""

import datetime
import os
import sys
import time
from pathlib import Path

SYSTEM_TIME = time.time
SYSTEM_DATETIME = datetime.datetime


class _Kind(type):
    """What was made by the system's class is of the shifted one as well."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, SYSTEM_DATETIME)

    def __subclasscheck__(cls, subclass):
        return issubclass(subclass, SYSTEM_DATETIME)


class _ShiftedDatetime(SYSTEM_DATETIME, metaclass=_Kind):
    """Makes plain datetimes; only what it calls now is another moment."""

    # Of the same size, as compiled modules expect.
    __slots__ = ()

    def __new__(cls, *arguments, **keywords):
        return SYSTEM_DATETIME(*arguments, **keywords)

    @classmethod
    def now(cls, tz=None):
        return SYSTEM_DATETIME.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()


def follow_clock(path):
    """Have everything in this process read the wall clock by that file, and nothing else."""

    def shifted_time():
        try:
            return SYSTEM_TIME() + float(path.read_text() or 0)
        except FileNotFoundError:
            return SYSTEM_TIME()

    time.time = shifted_time
    time.time_ns = lambda: int(time.time() * 1_000_000_000)
    datetime.datetime = _ShiftedDatetime
    for module in list(sys.modules.values()):
        if module is not sys.modules[__name__] and vars(module).get("datetime") is SYSTEM_DATETIME:
            module.datetime = _ShiftedDatetime


# Before anything else is imported that takes `datetime` along.
if "CLOCK" in os.environ:
    follow_clock(Path(os.environ["CLOCK"]))

from tests.live_settings import *  # noqa: E402, F403
from tests.live_settings import REVOCATION  # noqa: E402

if "STORE" in os.environ:
    REVOCATION["STORE"] = os.environ["STORE"]
