"""Many faults at once, at random."""

from collections import Counter
from collections.abc import Callable

from tests.faults.database_faults import TERMINATE
from tests.faults.fault import DOUBT, fault
from tests.faults.scene import GoOn, Scene
from tests.servers import ValkeyServer

STEPS = 30


class Storm:
    """Breaks and mends parts as it comes; `calm` mends all of them."""

    def __init__(self, scene: Scene, other: ValkeyServer) -> None:
        self._scene = scene
        self._other = other
        self._is_frozen = False
        self.happened: Counter[str] = Counter()
        self._moves: dict[str, Callable[[], object]] = {
            "cut": self._cut,
            "mended": self._mend,
            "frozen": self._freeze,
            "thawed": self._thaw,
            "flushed": self._flush,
            "killed": self._kill,
            "reset": self._reset,
            "led elsewhere": self._lead_elsewhere,
            "led back": self._lead_back,
            "connections cut": lambda: scene.sql(TERMINATE),
        }

    def move(self) -> None:
        """Let one thing happen."""
        name = self._scene.random.choice(list(self._moves))
        self.happened[name] += 1
        self._moves[name]()

    def calm(self) -> None:
        self._thaw()
        for way in self._scene.ways:
            way.mend()
        self._lead_back()

    def _cut(self) -> None:
        self._scene.random.choice(self._scene.ways).cut()

    def _mend(self) -> None:
        self._scene.random.choice(self._scene.ways).mend()

    def _freeze(self) -> None:
        self._is_frozen = True
        self._scene.valkey.freeze()

    def _thaw(self) -> None:
        if self._is_frozen:
            self._is_frozen = False
            self._scene.valkey.thaw()

    def _flush(self) -> None:
        if not self._is_frozen:
            with self._scene.redis() as client:
                client.flushall()

    def _kill(self) -> None:
        self._is_frozen = False
        self._scene.valkey.kill()
        self._scene.valkey.start()

    def _reset(self) -> None:
        self._scene.random.choice(self._scene.ways).reset()

    def _lead_elsewhere(self) -> None:
        self._scene.random.choice(self._scene.ways).lead_to(self._other.port)

    def _lead_back(self) -> None:
        for way in self._scene.ways:
            way.lead_to(self._scene.valkey.port)


@fault(good_tokens_may_get=DOUBT)
def storm(scene: Scene, go_on: GoOn) -> str:
    """All of that at random, one upon the other."""
    with ValkeyServer() as other:
        weather = Storm(scene, other)
        try:
            for _ in range(STEPS):
                weather.move()
                go_on(2 * scene.random.random() / STEPS)
        finally:
            weather.calm()
    assert len(weather.happened) > 5
    return f"{STEPS} moves"
