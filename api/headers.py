"""Headers that are the same in many answers, which Django would check anew in each."""

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase, ResponseHeaders


class ReadyHeaders:
    """Headers checked once, to be added to any number of answers."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._ready = ResponseHeaders(headers)._store

    def add_to(self, response: HttpResponseBase) -> None:
        """Add those that an answer does not have."""
        headers = response.headers
        if type(headers) is not _QuickHeaders:
            headers = response.headers = _QuickHeaders(headers)
        # What an answer says itself counts.
        headers._store = self._ready | headers._store


class _QuickHeaders(ResponseHeaders):
    """Listed in one step, where a mapping looks each one up by its name."""

    def __init__(self, headers: ResponseHeaders) -> None:
        self._store = headers._store

    def items(self) -> Any:
        return self._store.values()
