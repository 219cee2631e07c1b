"""The checker finds what it is there for: servers that break one promise each, on purpose."""

import pytest

from tests.consistency.broken import WAYS
from tests.consistency.runs import Run

# What has to be found; a broken promise may break others, which are found as well.
RULES = {
    "ForgetfulStore": {"revoked"},
    "RememberingStore": {"revoked"},
    "fork_chains": {"fork"},
    "leave_windows_open": {"chain"},
    "end_too_much": {"cause", "listing"},
    "end_sometimes": {"revoked", "listing"},
    "refuse_sometimes": {"cause"},
    "take_any_password": {"passwords"},
    "show_failures": {"texts"},
    "list_everything": {"listing"},
}
# Clients act at random, and one load in thirty may not meet what is broken.
LOADS = 5


def test_every_way_of_breaking_promises_is_tried():
    assert RULES.keys() == {*WAYS, "ForgetfulStore", "RememberingStore"}


@pytest.mark.parametrize("way", RULES)
def test_a_broken_promise_is_found(way, sqlite_template, tmp_path):
    # A window has to close meanwhile.
    seconds = 6 if way == "leave_windows_open" else 2

    def found(seed):
        folder = tmp_path / str(seed)
        folder.mkdir()
        broken = {
            "DJANGO_SETTINGS_MODULE": "tests.consistency.broken_settings",
            "BROKEN": way,
            "BROKEN_FOLDER": str(folder),
        }
        run = Run(
            seconds=seconds, operations=800, clients=3, grace_seconds=1, seed=seed, environ=broken
        )
        return run.report(sqlite_template).rules.keys()

    assert any(found(seed) >= RULES[way] for seed in range(LOADS))
