"""What a checker found: figures, and violations with their evidence."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .history import NO_ANSWER, UNAVAILABLE, UNSENT, History, Operation

SHOWN_VIOLATIONS = 10


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken, and the operations that prove it, the broken one first."""

    rule: str
    sentence: str
    evidence: tuple[Operation, ...]

    def __str__(self) -> str:
        proof = "\n".join(f"    {one.as_line()}" for one in self.evidence)
        return f"[{self.rule}] {self.sentence}\n{proof}"


@dataclass(frozen=True, slots=True)
class Report:
    """A verdict over a history, and how much there was to judge."""

    history: History
    violations: tuple[Violation, ...]
    # How often each promise was put to the test.
    tested: Counter[str] = field(default_factory=Counter)

    @property
    def operations(self) -> int:
        return len(self.history.operations)

    @property
    def kinds(self) -> Counter[str]:
        """How often each kind of operation was called."""
        return Counter(one.kind for one in self.history.operations)

    @property
    def done(self) -> Counter[str]:
        """How often each kind of operation was carried out."""
        return Counter(one.kind for one in self.history.operations if one.is_done)

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(one.outcome for one in self.history.operations)

    @property
    def unavailable(self) -> int:
        """How many operations were refused for want of a verdict."""
        return self.outcomes[UNAVAILABLE]

    @property
    def unanswered(self) -> int:
        return self.outcomes[NO_ANSWER] + self.outcomes[UNSENT]

    @property
    def rules(self) -> Counter[str]:
        """How often each rule was broken."""
        return Counter(one.rule for one in self.violations)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        setting = self.history.setting
        yield (
            f"{self.operations} operations of {setting.clients} clients on {setting.database}, "
            f"store {setting.store}, seed {setting.seed}, in {self._seconds():.1f} s"
        )
        done = self.done
        for kind, count in sorted(self.kinds.items()):
            yield f"  {kind:15} {count:7}, carried out {done[kind]:7}"
        yield "outcomes: " + ", ".join(f"{name} {n}" for name, n in self.outcomes.most_common())
        yield "tested:   " + ", ".join(f"{name} {n}" for name, n in sorted(self.tested.items()))
        yield f"violations: {len(self.violations)}"
        yield from (f"  {violation}" for violation in self.violations[:SHOWN_VIOLATIONS])
        if len(self.violations) > SHOWN_VIOLATIONS:
            yield f"  and more; by rule: {dict(self.rules)}"

    def _seconds(self) -> float:
        operations = self.history.operations
        return operations[-1].called - operations[0].called if operations else 0
