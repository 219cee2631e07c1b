"""The faults find what they are there to find: a store that breaks one rule is found out."""

from collections.abc import Iterator

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.scene import Scene
from tests.faults.trial import run

# Clients act at random, and one load in thirty may not meet what is broken.
LOADS = 5


@pytest.fixture(scope="module", autouse=True)
def _mended(_scene: Scene) -> Iterator[None]:
    """Leave the second server with the store that users have."""
    yield
    _scene.replace(1)


@pytest.mark.parametrize(
    ("store", "name"),
    [("TrustingStore", "redis-flushed"), ("HastyStore", "redis-split")],
)
def test_a_server_whose_store_breaks_a_rule_is_found_out(
    store: str, name: str, scene: Scene
) -> None:
    scene.replace(1, STORE=f"tests.faults.broken.{store}")

    outcomes = (run(FAULTS[name], scene, seconds=3, seed=seed) for seed in range(LOADS))

    assert any("revoked" in outcome.report.rules for outcome in outcomes)
