"""Rules for passwords: a changed one opens nothing, and the one in force is never refused.

No password comes back: each change sets one that was never there before.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from .history import Operation
from .lives import Case, is_open
from .report import Violation

Account = str
Password = str


class Changes:
    """The changes that took effect, or may have, by the passwords they replaced and set."""

    def __init__(self, case: Case) -> None:
        self.away: dict[tuple[Account, Password], list[Operation]] = defaultdict(list)
        self.setting: dict[tuple[Account, Password], Operation] = {}
        for operation in case.operations("changePassword"):
            if operation.is_done or is_open(operation):
                self.away[operation.account, operation.password].append(operation)
                self.setting[operation.account, operation.new_password] = operation


def violations(case: Case) -> Iterator[Violation]:
    """Judge every password that was given, and changes from the same one."""
    changes = Changes(case)
    for operation in case.operations("tokenAuth", "changePassword"):
        if operation.is_done:
            yield from _of_acceptance(operation, changes)
        elif operation.outcome == "INVALID_CREDENTIALS":
            yield from _of_refusal(operation, changes, case)
    for rivals in changes.away.values():
        for one, other in combinations([change for change in rivals if change.is_done], 2):
            yield Violation("passwords", "one password was changed twice", (one, other))


def _of_acceptance(operation: Operation, changes: Changes) -> Iterator[Violation]:
    for change in changes.away[operation.account, operation.password]:
        if change.is_done and change.returned < operation.called:
            sentence = f"{operation.kind} took a password that had been changed"
            yield Violation("passwords", sentence, (operation, change))


def _of_refusal(operation: Operation, changes: Changes, case: Case) -> Iterator[Violation]:
    """A refused password was not yet set, or perhaps never, or may have been changed already."""
    key = operation.account, operation.password
    setting = changes.setting.get(key)
    # The first password of an account has no number, and nobody has set it.
    if operation.password and not _is_set(setting, before=operation.called):
        return
    others = [one for one in changes.away[key] if one is not operation]
    if any(one.called < operation.returned for one in others):
        case.tested["old passwords refused"] += 1
        return
    sentence = f"{operation.kind} refused the password in force"
    yield Violation("passwords", sentence, (operation, *([setting] if setting else [])))


def _is_set(setting: Operation | None, *, before: float) -> bool:
    return setting is not None and setting.is_done and setting.returned < before
