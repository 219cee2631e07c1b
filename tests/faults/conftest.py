"""One deployment for all faults: that each leaves it whole is what they promise."""

from collections.abc import Iterator

import pytest

from tests.faults.scene import Scene


@pytest.fixture(scope="package")
def _scene() -> Iterator[Scene]:
    with Scene() as scene:
        yield scene


@pytest.fixture
def scene(_scene: Scene, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Two servers that share PostgreSQL and Redis, to be broken and mended."""
    before = [len(server.log()) for server in _scene.servers]
    yield _scene
    _scene.mend()
    for number, server in enumerate(_scene.servers):
        text = server.log()[before[number] :]
        request.node.add_report_section("teardown", f"server {number} log", text)
