"""From where and with what somebody signed in: forgotten after a set time, while sessions go on."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import models

from . import purging
from .conf import conf
from .models import session_rows
from .purging import Batch, Place


def expired(now: datetime | None = None) -> purging.Step:
    """Return the step that forgets them, as of now or by the clocks there are.

    Without `REVOCATION["KEEP_DEVICE_FOR"]` it takes none: what was noted goes with its session.
    """
    keep = conf().keep_device_for
    if keep is None:
        return _none
    before = (now or purging.earlier_now()) - keep
    return partial(purging.forget, session_rows(), by="device_at", before=before, how=_drop)


def _drop(rows: models.QuerySet[Any]) -> int:
    return rows.update(ip_address=None, user_agent="", device_at=None)


def _none(*, limit: int, after: Place | None = None, is_dry: bool = False) -> Batch:
    return Batch(removed=0, first=after, reached=after, is_last=True)
