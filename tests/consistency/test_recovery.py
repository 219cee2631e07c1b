"""How a recovery is read from a history."""

import math

from tests.consistency.history import NO_ANSWER, UNAVAILABLE
from tests.consistency.recovery import recovery
from tests.consistency.story import Story


def test_everything_works_again_some_time_after_the_last_failure():
    story = Story(has_faults=True)
    story.sign_in("a", at=0)
    story.ask("a", at=1, outcome=UNAVAILABLE)
    story.ask("a", at=10.2, outcome=UNAVAILABLE)
    story.ask("a", at=10.5, until=11)
    # It hung since before it was repaired, and says nothing of the time after.
    story.ask("a", at=9, until=15, outcome=NO_ANSWER)
    story.ask("a", at=12, outcome=UNAVAILABLE)
    story.sign_in("b", at=13, until=14)

    seen = recovery(story.history(), since=10)

    assert (seen.first, seen.last_failure, seen.all_kinds) == (1, 2, 4)
    assert seen.steady == 4


def test_what_never_failed_was_steady_once_every_kind_was_seen():
    story = Story()
    story.sign_in("a", at=0)
    story.ask("a", at=1)
    seen = recovery(story.history(), since=0)
    assert (seen.last_failure, seen.steady) == (0, 1.5)


def test_a_kind_that_does_not_come_back_is_never_recovered():
    story = Story()
    story.sign_in("a", at=0)
    story.ask("a", at=5)
    assert recovery(story.history(), since=2).steady == math.inf
    assert recovery(story.history(), since=0, until=2).all_kinds == math.inf
