"""The same API with the check switched off: what the check costs is the difference."""

from collections.abc import Mapping
from typing import Any, ClassVar

from revocation import guard

from .. import unchecked
from .base import QUERIES
from .ours import Ours


class OursUnchecked(Ours):
    """Good tokens open it, revoked ones too. Nobody could deploy it: see `benchmarks.unchecked`."""

    name = "ours-unchecked"
    summary = "this API with the check switched off"
    is_revoking = False
    does = QUERIES
    settings: ClassVar[Mapping[str, Any]] = {**Ours.settings, unchecked.SETTING: True}

    def ensure_faithful(self, headers: Mapping[str, str]) -> None:
        """As ours, by the other guard."""
        super().ensure_faithful(headers)
        assert guard.judge is unchecked.judge
