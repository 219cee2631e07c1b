"""What is wrong with one setting, as the checks and the refusal to read it say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that cannot stand: the id of its system check, the fact and the remedy."""

    id: str
    message: str
    hint: str
