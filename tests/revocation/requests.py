"""Requests as resolvers see them, for tests that execute a schema without HTTP."""

import json
from typing import Any

from django.test import RequestFactory

from revocation import sessions


def request_with(authorization: str | None = None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return RequestFactory().post("/graphql", headers=headers)


def bearing(token: str) -> Any:
    return request_with(f"Bearer {token}")


def signed_in(user: Any) -> Any:
    """Return a request with a good token of the user's."""
    return bearing(sessions.open_session(user).access_token)


def reasons(result: Any) -> list[str]:
    """Return the reason of each error, or its text where it has none."""
    errors = result.errors or []
    return [(error.extensions or {}).get("reason", str(error)) for error in errors]


def body(result: Any) -> str:
    """Return all that a client would read."""
    return json.dumps(result.formatted, default=str)
