"""Fixtures for pytest: `pytest_plugins = ["revocation.testing.fixtures"]` in `conftest.py`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from . import travelling
from .client import TokenClient


@pytest.fixture
def token_client(db: None) -> TokenClient:
    """A client without a token."""
    return TokenClient()


@pytest.fixture
def signed_in(db: None) -> Callable[[Any], TokenClient]:
    """Return a client that has signed in as a user, a new one with each call."""

    def sign_in(user: Any) -> TokenClient:
        client = TokenClient()
        client.sign_in(user)
        return client

    return sign_in


@pytest.fixture
def travel() -> Iterator[Callable[..., None]]:
    """Travel in time, for the rest of the test: `travel(minutes=6)`."""
    with ExitStack() as journey:

        def go(**ahead: float) -> None:
            journey.enter_context(travelling.travel(**ahead))

        yield go
