"""Rules for refresh tokens: a session has one chain of them, and old links break it."""

from collections.abc import Iterator
from itertools import combinations

from .history import Operation
from .lives import REUSED, Case, Life
from .report import Violation

# The window is measured by the database's clock, calls and returns by this machine's.
CLOCK_SLACK_SECONDS = 0.1


def violations(case: Case) -> Iterator[Violation]:
    """Judge every refresh, and the successors of each generation together."""
    for operation in case.operations("refreshToken"):
        token = operation.refresh
        if token and (life := case.lives.get(token.sid)):
            if operation.is_done:
                yield from _of_successor(operation, life)
                yield from _of_old_link(operation, life, case)
            elif operation.outcome == REUSED:
                yield from _of_reuse(operation, life, case)
    for life in case.lives.values():
        yield from _of_forks(life, case)


def _of_successor(operation: Operation, life: Life) -> Iterator[Violation]:
    old, new = operation.refresh, operation.new_refresh
    if not (old and new) or (new.sid, new.gen) != (old.sid, (old.gen or 0) + 1):
        sentence = "a refresh gave something else than the next generation"
        yield Violation("chain", sentence, (operation, life.opening))


def _of_old_link(operation: Operation, life: Life, case: Case) -> Iterator[Violation]:
    """A token must not be accepted once its successor was used, or its window has closed."""
    gen = _gen(operation)
    for later in (g for g in life.exchanges if g > gen):
        for other in life.exchanges_of(later):
            if other.is_done and other.returned < operation.called:
                sentence = "a token was exchanged although its successor had been"
                yield Violation("chain", sentence, (operation, other))
                return
    rotations = [one for one in life.exchanges_of(gen) if one.is_done]
    first = min(rotations, key=lambda one: one.returned)
    age = operation.called - first.returned
    case.tested["retries in the window"] += first is not operation and age > 0
    if first is not operation and age > case.history.setting.grace_seconds + CLOCK_SLACK_SECONDS:
        sentence = f"a token was exchanged again {age:.2f} s after its rotation"
        yield Violation("chain", sentence, (operation, first))


def _of_reuse(operation: Operation, life: Life, case: Case) -> Iterator[Violation]:
    """Reuse needs somebody who used the successor, or the same token a window ago."""
    gen = _gen(operation)
    for later, others in life.exchanges.items():
        if later > gen and any(one.called < operation.returned for one in others):
            case.tested["reuses of old tokens"] += 1
            return
    case.tested["reuses after the window"] += 1
    window = case.history.setting.grace_seconds - CLOCK_SLACK_SECONDS
    others = [one for one in life.exchanges_of(gen) if one.called < operation.returned]
    if not any(operation.returned - one.called >= window for one in others):
        sentence = "a token was called reused, and it had not been used, or only just now"
        yield Violation("cause", sentence, (operation, *others, life.opening))


def _of_forks(life: Life, case: Case) -> Iterator[Violation]:
    """Whoever exchanges the same token gets the same successor, to the letter."""
    for exchanges in life.exchanges.values():
        done = [one for one in exchanges if one.is_done]
        case.tested["refreshes of one token at once"] += sum(
            one.called < other.returned and other.called < one.returned
            for one, other in combinations(done, 2)
        )
        successors = {one.new_refresh.id: one for one in done if one.new_refresh}
        if len(successors) > 1:
            sentence = f"{len(successors)} different successors of one refresh token were given"
            yield Violation("fork", sentence, tuple(successors.values()))


def _gen(operation: Operation) -> int:
    return (operation.refresh and operation.refresh.gen) or 0
