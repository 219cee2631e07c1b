"""Whether who revokes waits until nobody relies on a copy that has not been told."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_awaited: ContextVar[bool] = ContextVar("revocation_is_awaited", default=True)


@contextmanager
def unawaited() -> Iterator[None]:
    """Revoke inside without waiting: what a copy cannot be told now, it has within a lease."""
    token = _is_awaited.set(False)
    try:
        yield
    finally:
        _is_awaited.reset(token)


def is_awaited() -> bool:
    """Whether the answer says that something was revoked, and so must be true."""
    return _is_awaited.get()
