"""What a fault is, and the register of all that there are."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from tests.consistency.history import NO_ANSWER, UNAVAILABLE, UNSENT
from tests.faults.scene import GoOn, Scene

# What good tokens may get instead of an answer, where the verdict, or who would give it, is gone.
NOTHING: frozenset[str] = frozenset()
LOST = frozenset({NO_ANSWER, UNSENT})
DOUBT = frozenset({UNAVAILABLE})

# Breaks something, lets the load go on, and mends it. Returns the proof that it happened, and
# fails without one.
Happening = Callable[[Scene, GoOn], str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for a deployment to break, and what is promised meanwhile."""

    name: str
    happen: Happening
    good_tokens_may_get: frozenset[str]
    # By how many seconds clocks are wrong.
    clock_skew: float

    @property
    def sentence(self) -> str:
        """What happens, in the words of the table."""
        return " ".join((self.happen.__doc__ or "").split()).rstrip(".")


FAULTS: dict[str, Fault] = {}


def fault(
    *, good_tokens_may_get: Collection[str] = NOTHING, clock_skew: float = 0
) -> Callable[[Happening], Happening]:
    """Register a function as the fault of its name."""
    return partial(_register, frozenset(good_tokens_may_get), clock_skew)


def _register(may_get: frozenset[str], clock_skew: float, happen: Happening) -> Happening:
    name = happen.__name__.replace("_", "-")
    assert name not in FAULTS, name
    FAULTS[name] = Fault(name, happen, may_get, clock_skew)
    return happen
