"""Query fields."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from .. import guard, journal, models, sessions
from ..decorators import login_required
from ..errors import refusing_when_unavailable
from .types import Session


class SessionsQuery(graphene.ObjectType):
    """Mix it into a root query: the caller's own live sessions, newest first."""

    sessions = graphene.List(graphene.NonNull(Session))

    @staticmethod
    @login_required
    def resolve_sessions(root: object, info: Info) -> list[models.Session]:
        """List the sessions of the user, and of nobody else."""
        return guard.once(info.context, "_revocation_sessions", _own_sessions)


def _own_sessions(request: Any) -> list[models.Session]:
    # Whoever asks may be known from before: what was ended since is not to be shown as live.
    journal.settle()
    with refusing_when_unavailable():
        return sessions.live_sessions(guard.identify(request).user)
