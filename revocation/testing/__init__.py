"""For tests of projects that use this app: a client with real tokens, and time travel.

With pytest, `pytest_plugins = ["revocation.testing.fixtures"]`. Nothing of the app imports this.
"""

from .client import Answer, TokenClient
from .travelling import travel

__all__ = ["Answer", "TokenClient", "travel"]
