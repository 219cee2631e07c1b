"""What a server is asked over and over, and what becomes of the tokens that are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import SimpleNamespace

from .. import stage
from ..contenders.base import graphql_body
from ..tokens import Tokens
from ..work import Work, aliases, books, me
from .served import Served

# As `load.lua` fills them in.
MARKS = Tokens("<access>", "<refresh>")


class Use(StrEnum):
    """What becomes of a pair of tokens that was sent."""

    KEPT = "kept"
    RENEWED = "renewed"
    SPENT = "spent"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of request."""

    name: str
    use: Use
    # None: a mutation, of which each server has its own.
    work: Work | None = None
    # Whether it is measured at each number of connections.
    is_in_full: bool = False

    @property
    def query(self) -> str:
        """The request in words."""
        return self.work.query if self.work else "each by its own mutation"

    @property
    def is_signed(self) -> bool:
        """Whether the access token goes with it."""
        return self.use in {Use.KEPT, Use.SPENT}

    def body(self, served: Served, tokens: Tokens) -> bytes:
        """Return what is posted to a server."""
        if self.work:
            return self.work.body
        return {
            "sign-in": served.sign_in_body,
            "refresh": lambda: graphql_body(served.refresh_query, token=tokens.refresh),
            "logout": lambda: graphql_body(served.logout_query),
        }[self.name]()


SIGN_IN = Task("sign-in", Use.NONE)


def account_work() -> Work:
    """Return what is asked to see whether a token is good."""
    # The only user there is has the first primary key.
    return me(SimpleNamespace(pk=1, username=stage.USERNAME, email=stage.EMAIL))


def _tasks() -> Sequence[Task]:
    work = account_work()
    return (
        Task("me", Use.KEPT, work, is_in_full=True),
        Task("books", Use.KEPT, books(stage.books()), is_in_full=True),
        Task("aliases", Use.KEPT, aliases(SimpleNamespace(pk=1))),
        SIGN_IN,
        Task("refresh", Use.RENEWED),
        Task("logout", Use.SPENT),
    )


TASKS = {task.name: task for task in _tasks()}
