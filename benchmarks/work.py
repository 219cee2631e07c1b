"""What contenders are asked to do, and which answer is right."""

import json
from dataclasses import dataclass
from typing import Any

from .http import Answer


@dataclass(frozen=True, slots=True)
class Work:
    """One GraphQL request, and the data it must bring."""

    name: str
    query: str
    expected: dict[str, Any]

    @property
    def body(self) -> bytes:
        """The request as a GraphQL client posts it."""
        return json.dumps({"query": self.query}).encode()

    def is_done(self, answer: Answer) -> bool:
        """Whether an answer brings exactly the data asked for."""
        return answer.status == 200 and answer.json == {"data": self.expected}

    def refusal(self, answer: Answer) -> str | None:
        """Return the reason an answer gives for bringing nothing; None if it brings anything."""
        if answer.status in {401, 403}:
            return answer.json.get("detail")
        if answer.status != 200 or any((answer.json.get("data") or {}).values()):
            return None
        error = next(iter(answer.json.get("errors", ())), {})
        return error.get("extensions", {}).get("reason") or error.get("message")


def me(user: Any) -> Work:
    """Ask who one is: the smallest protected query."""
    account = {"id": str(user.pk), "username": user.username, "email": user.email}
    return Work("me", "{ me { id username email } }", {"me": account})
