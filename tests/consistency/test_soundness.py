"""The checker has nothing to say against a server that keeps every promise, and a lot otherwise."""

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.consistency.checker import check
from tests.consistency.history import DATA, NO_ANSWER, history_of
from tests.consistency.ideal import ideal_history
from tests.consistency.lives import lives_of
from tests.consistency.operations import DOCUMENTS, GUARDED

seeds = st.integers(0, 2**32)


@given(seeds)
def test_a_server_that_keeps_every_promise_is_never_blamed(seed):
    report = check(ideal_history(Random(seed), operations=200))
    assert not report.violations, str(report)


def test_there_is_something_to_judge():
    reports = [check(ideal_history(Random(seed), operations=300)) for seed in range(20)]
    done = sum((report.done for report in reports), Counter())
    outcomes = sum((report.outcomes for report in reports), Counter())
    tested = sum((report.tested for report in reports), Counter())
    assert min(done[kind] for kind in DOCUMENTS) >= 20
    refusals = ("TOKEN_REVOKED", "SESSION_ENDED", "REFRESH_REUSED", "INVALID_CREDENTIALS")
    assert min(outcomes[name] for name in (*refusals, NO_ANSWER)) >= 20
    assert tested["retries in the window"] >= 20
    assert tested["reuses after the window"] >= 5


@given(seeds)
def test_one_answer_to_an_ended_session_is_found(seed):
    history = ideal_history(Random(seed), operations=200)
    lives = lives_of(history)
    changed = None
    for number, one in enumerate(history.operations):
        if one.kind not in GUARDED or one.outcome != "TOKEN_REVOKED" or not one.access:
            continue
        if lives[one.access.sid].is_known_dead_from < one.called:
            answered = replace(one, outcome=DATA, message="")
            rest = (*history.operations[:number], *history.operations[number + 1 :])
            changed = history_of(history.setting, (*rest, answered))
    if changed:
        assert "revoked" in check(changed).rules
