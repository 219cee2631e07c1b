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
        headers = _QuickHeaders(response.headers)
        for name, header in self._ready.items():
            headers._store.setdefault(name, header)
        response.headers = headers


class _QuickHeaders(ResponseHeaders):
    """Listed in one step, where a mapping looks each one up by its name."""

    def __init__(self, headers: ResponseHeaders) -> None:
        self._store = headers._store

    def items(self) -> Any:
        return self._store.values()
