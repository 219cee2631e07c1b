"""The writes of one sign-in: its row, and the end of sessions beyond the most a user may have."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from . import liveness, opening
from .conf import conf
from .models import Session, session_rows
from .occasions import OWNER, Reason, because
from .stores import unawaited


@dataclass(eq=False, slots=True)
class SignIn:
    """Opens `session`, and with `end` ends what is one too many, in the caller's transaction.

    The oldest go, by when they were opened, and never the new one. Without `MAX_SESSIONS` nothing
    is asked.
    """

    session: Session
    end: Callable[[Iterable[str]], object]
    _ended: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Open it. Raises as `opening.insert`, and then ends nothing."""
        # It locks the user: of two sign-ins, the second one finds what the first has opened.
        opening.insert(self.session)
        self._ended = self._surplus()
        self._end_surplus()

    def write_again(self) -> None:
        """Do so unless it is done."""
        if session_rows().filter(pk=self.session.pk).exists():
            self._end_surplus()
        else:
            self.write()

    def _end_surplus(self) -> None:
        # A store that cannot be told now must not turn the sign-in into one that failed, and has
        # ended sessions all the same.
        if self._ended:
            with because(Reason.SESSION_CAP, actor=OWNER), unawaited():
                self.end(self._ended)

    def _surplus(self) -> list[str]:
        most = conf().max_sessions
        if most is None:
            return []
        pk: Any = self.session.user_id
        unended = session_rows().unended().filter(user_id=pk)
        newest_first = unended.exclude(pk=self.session.pk).order_by("-created_at", "-pk")
        usable = liveness.usable(newest_first, self.session.user, now=timezone.now())
        return [session.id for session in usable[most - 1 :]]
