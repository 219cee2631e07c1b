"""A file of keys for one test, and the command that keeps it."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from revocation import keys
from revocation.keyfile import KeySet, read_keys, write_keys
from revocation.signing_key import SHORTEST_RSA_BITS

AGES = timedelta(days=1)


def rotate_key(*options):
    """Take a step; return what the command printed."""
    out = io.StringIO()
    call_command("rotate_key", *options, stdout=out, no_color=True)
    return out.getvalue()


def older(key_set, *, by=AGES):
    """Return the same keys, as if everything had happened so much earlier."""

    def aged(dated):
        return dated and replace(dated, since=dated.since - by)

    return KeySet(aged(key_set.current), aged(key_set.next), tuple(map(aged, key_set.previous)))


def let_time_pass(path, *, by=AGES):
    write_keys(path, older(read_keys(path), by=by))


def kids_of(path):
    """Return the names of the keys in a file, by what they are there for."""
    found = {"current": [], "next": [], "previous": []}
    for entry in json.loads(Path(path).read_text())["keys"]:
        found[entry["status"]].append(entry["kid"])
    return found


def now():
    return datetime.now(UTC)


@pytest.fixture
def looking_always(monkeypatch):
    """Let every question about keys look at the file."""
    monkeypatch.setattr(keys, "LOOK_EVERY_SECONDS", 0.0)


@pytest.fixture
def path(settings, tmp_path, looking_always, monkeypatch):
    """Where the settings say that the keys are; nothing is there yet."""
    # The shortest there may be: longer ones take long to make.
    monkeypatch.setattr("revocation.signing_key._RSA_BITS", SHORTEST_RSA_BITS)
    path = tmp_path / "keys" / "jwt.json"
    path.parent.mkdir(mode=0o700)
    settings.REVOCATION = {**settings.REVOCATION, "KEYS_FILE": str(path)}
    return path


@pytest.fixture
def file(path):
    """A file with one new key."""
    rotate_key("--create")
    return path
