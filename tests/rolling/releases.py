"""Folders with the code of a release: the one before this, this one, and one that is made up."""

import shutil
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from tests.live import ROOT

# The release before this one, as git knows it: a commit, or its tag.
PREVIOUS = "6cc1dee4846d94abe587ad8ff73c124378d1d262"
# What a server of `tests.live` needs.
PARTS = ("manage.py", "api", "revocation", "schema", "tests/__init__.py", "tests/live_settings.py")

# The next release, as far as the rules of docs/upgrading-rolling.md let it go: new columns and a
# new table, a claim more in every token, and another format in Redis.
MIGRATION = """
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("revocation", "{latest}")]
    operations = [
        migrations.AddField("session", "following", models.CharField(max_length=20, null=True)),
        migrations.AddField("revokedtoken", "following", models.DateTimeField(db_default=Now())),
        migrations.CreateModel("Following", [("id", models.BigAutoField(primary_key=True))]),
    ]
"""
MODELS = """

Session.add_to_class("following", models.CharField(max_length=20, null=True))
RevokedToken.add_to_class("following", models.DateTimeField(db_default=Now()))


class Following(models.Model):
    id = models.BigAutoField(primary_key=True)
"""
TOKENS = """

_sign_less = _sign


def _sign(payload, token_type):
    return _sign_less({**payload, "following": ["a claim"]}, token_type)
"""
FORMAT = """

FORMAT = "following"
"""


def has_history() -> bool:
    """Whether git has the release before: not in an archive, nor in a shallow clone."""
    if shutil.which("git") is None:
        return False
    found = _git("cat-file", "-e", f"{PREVIOUS}^{{commit}}", check=False)
    return found.returncode == 0


def previous(folder: Path) -> Path:
    """Write the release before this into a folder; without history, this one stands in for it."""
    if not has_history():
        return _copy(folder)
    packed = _git("archive", PREVIOUS, *PARTS).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def following(folder: Path) -> Path:
    """Write a release that might come after this into a folder."""
    _copy(folder)
    app = folder / "revocation"
    latest = max(path.stem for path in (app / "migrations").glob("0*.py"))
    migration = app / "migrations" / "9999_following.py"
    migration.write_text(MIGRATION.format(latest=latest))
    for module, lines in {
        "models.py": MODELS,
        "tokens.py": TOKENS,
        "stores/lease.py": FORMAT,
    }.items():
        path = app / module
        path.write_text(path.read_text() + lines)
    return folder


def _copy(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "graphiql")
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder


def _git(*command: str, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
    # The checkout may belong to somebody else than the user who runs the tests.
    git = ["git", "-c", "safe.directory=*", "-C", str(ROOT), *command]
    return subprocess.run(git, capture_output=True, check=check)
