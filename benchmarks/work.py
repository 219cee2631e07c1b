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

    def is_refused(self, answer: Answer) -> bool:
        """Whether an answer brings an error, and none of the data asked for."""
        if answer.status in {401, 403}:
            return True
        data = answer.json.get("data") or {}
        return bool(answer.json.get("errors")) and not any(data.values())


def me(user: Any) -> Work:
    """Ask who one is: the smallest protected query."""
    account = {"id": str(user.pk), "username": user.username, "email": user.email}
    return Work("me", "{ me { id username email } }", {"me": account})
