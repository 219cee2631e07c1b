"""What contenders are asked to do, and which answer is right."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from .http import Answer, Application, Environ

if TYPE_CHECKING:
    from .contenders import Contender

ALIASES = 50
# Of which `books` asks five each.
ROWS = 100


# Both are called with the contender's settings in force.
Kind = Union["Work", "Verb"]


@dataclass(frozen=True)
class Work:
    """One GraphQL query, the same for all, and the data it must bring."""

    name: str
    query: str
    expected: dict[str, Any]
    # A batch has as many requests as `--requests` says, divided by this.
    weight: int = 1
    # Whether everybody may ask it.
    is_open: bool = False

    @property
    def body(self) -> bytes:
        """The request as a GraphQL client posts it."""
        return json.dumps({"query": self.query}).encode()

    def environs(
        self, contender: "Contender", application: Application, token: str, *, count: int
    ) -> list[Environ]:
        """Send the same each time."""
        return [contender.request(self, token) for _ in range(count)]

    def is_done(self, answer: Answer, *, by: "Contender | None" = None) -> bool:
        """Whether the data is all there, and no error beside it."""
        return answer.status == 200 and answer.json == {"data": self.expected}

    def refusal(self, answer: Answer) -> str | None:
        """Return the reason an answer gives for bringing nothing; None if it brings anything."""
        if answer.status in {401, 403}:
            return answer.json.get("detail")
        if answer.status != 200 or any((answer.json.get("data") or {}).values()):
            return None
        error = next(iter(answer.json.get("errors", ())), {})
        return error.get("extensions", {}).get("reason") or error.get("message")


class Verb(ABC):
    """What changes something; each request needs tokens of its own."""

    name: str
    query = "each by its own requests"
    weight = 5

    @abstractmethod
    def environs(
        self, contender: "Contender", application: Application, token: str, *, count: int
    ) -> list[Environ]:
        """Return as many requests, each good for once."""

    @abstractmethod
    def is_done(self, answer: Answer, *, by: "Contender") -> bool:
        """Whether an answer of a contender brings what was asked for."""


class SignIn(Verb):
    """Ask for tokens with name and password."""

    name = "sign-in"

    def environs(
        self, contender: "Contender", application: Application, token: str, *, count: int
    ) -> list[Environ]:
        """Sign the same user in each time."""
        return [contender.sign_in_request() for _ in range(count)]

    def is_done(self, answer: Answer, *, by: "Contender") -> bool:
        """Whether there is an access token in it."""
        return bool(by.tokens_of(answer).access)


class Refresh(Verb):
    """Ask for a new access token; each refresh token is used once."""

    name = "refresh"

    def environs(
        self, contender: "Contender", application: Application, token: str, *, count: int
    ) -> list[Environ]:
        """Sign in beforehand, as often."""
        sessions = [contender.tokens(application) for _ in range(count)]
        return [contender.refresh_request(tokens) for tokens in sessions]

    def is_done(self, answer: Answer, *, by: "Contender") -> bool:
        """Whether there is an access token in it."""
        return bool(by.tokens_of(answer).access)


class Logout(Verb):
    """Log out, as far as the contender can; each session once."""

    name = "logout"

    def environs(
        self, contender: "Contender", application: Application, token: str, *, count: int
    ) -> list[Environ]:
        """Sign in beforehand, as often."""
        sessions = [contender.tokens(application) for _ in range(count)]
        return [contender.logout_request(tokens) for tokens in sessions]

    def is_done(self, answer: Answer, *, by: "Contender") -> bool:
        """Whether it says so."""
        return by.is_logged_out(answer)


def me(user: Any) -> Work:
    """Ask who one is: the smallest protected query."""
    return Work("me", "{ me { id username email } }", {"me": _account(user)})


def aliases(user: Any) -> Work:
    """Ask the same protected field many times in one request."""
    fields = " ".join(f"a{number}: me {{ id }}" for number in range(ALIASES))
    answers = {f"a{number}": {"id": str(user.pk)} for number in range(ALIASES)}
    return Work("aliases", f"{{ {fields} }}", answers, weight=5)


def books(rows: list[dict[str, Any]]) -> Work:
    """Ask for a protected list."""
    return Work("books", f"{{ books {_BOOK} }}", {"books": rows}, weight=5)


def open_books(rows: list[dict[str, Any]]) -> Work:
    """Ask for the same list where it is open to everybody, by the same request otherwise."""
    query = f"{{ openBooks {_BOOK} }}"
    return Work("open books", query, {"openBooks": rows}, weight=5, is_open=True)


def groups(user: Any, rows: list[dict[str, Any]]) -> list[list[Kind]]:
    """Return all work; what stands together is measured in the same rounds."""
    return [
        [me(user)],
        [books(rows), open_books(rows)],
        [aliases(user)],
        [SignIn()],
        [Refresh()],
        [Logout()],
    ]


_BOOK = "{ id title author pages year }"


def _account(user: Any) -> dict[str, str]:
    return {"id": str(user.pk), "username": user.username, "email": user.email}
