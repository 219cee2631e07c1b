"""Whatever part fails: nothing revoked is answered, nothing is said of why, and all comes back."""

import pytest

from tests.consistency.history import DATA
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.fault import NOTHING
from tests.faults.scene import Scene
from tests.faults.trial import run

SECONDS = 1.5
CLIENTS = 3
# What somebody waits for on a machine that does many other things.
AT_ONCE_SECONDS = 4
RECOVERY_SECONDS = 20


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_nothing_is_lost_and_everything_comes_back(fault: Fault, scene: Scene) -> None:
    outcome = run(fault, scene, seconds=SECONDS, clients=CLIENTS)

    assert list(outcome.broken()) == []
    assert outcome.operations, "Nobody was there."
    assert outcome.report.tested["ended tokens presented"] > 10
    assert outcome.recovery_seconds < RECOVERY_SECONDS
    if fault.good_tokens_may_get == NOTHING:
        assert {one.outcome for one in outcome.answers} == {DATA}
        assert outcome.slowest < AT_ONCE_SECONDS
