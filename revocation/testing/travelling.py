"""Time travel: the clocks that decide about tokens, moved together."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db.models import DateTimeField, Value
from django.db.models.functions import Cast, Now
from django.utils import timezone


@contextmanager
def travel(**ahead: float) -> Iterator[None]:
    """Let it be so much later inside: `travel(minutes=6)`, in whatever words `timedelta` knows.

    Moves `time.time`, `django.utils.timezone.now` and the database's clock where the ORM asks for
    it (`Now()`), for the whole process; they go on running. One inside another adds to it. It moves
    neither `datetime.now` nor a function that somebody has taken from its module before, no other
    process and not Redis: it raises `RuntimeError` where a store in Redis is in use.
    """
    from ..conf import conf
    from ..problems import STORES_OF_REDIS

    if conf().store in STORES_OF_REDIS:
        raise RuntimeError(
            "travel() moves no clock of Redis. Test with REVOCATION['STORE'] = 'database'."
        )
    by = timedelta(**ahead)
    real_time, real_now = time.time, timezone.now
    with (
        patch.object(time, "time", lambda: real_time() + by.total_seconds()),
        patch.object(timezone, "now", lambda: real_now() + by),
        patch.object(Now, "as_sql", _as_moved),
    ):
        yield


def _as_moved(now: Now, compiler: Any, connection: Any, **_: Any) -> Any:
    """Compile to the moved clock's time in place of the database's."""
    # Told the type, MariaDB answers with a moment as it would for its own clock, and not with text.
    moment: Any = Cast(Value(timezone.now()), DateTimeField())
    return compiler.compile(moment.resolve_expression(compiler.query))
