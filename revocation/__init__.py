"""Real logout for Django GraphQL APIs: a revoked token fails every protected query."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .signing_in import sign_in

__all__ = ["sign_in"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Not before it is asked for: Django imports this package when no app is ready yet.
    if name == "sign_in":
        from .signing_in import sign_in

        return sign_in
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
