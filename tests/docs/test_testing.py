"""The examples of docs/testing.md, run by pytest as a project would run them."""

import os
import subprocess
import sys

import pytest

from tests.docs.examples import DOCS, examples

PAGE = "testing.md"
IMPORTS = """
import sys, time
before = time.time
import revocation.testing, revocation.testing.fixtures
assert time.time is before
from django.conf import settings
assert not settings.configured
assert "revocation.models" not in sys.modules
"""
SERVES = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("check")
import api.wsgi
found = [name for name in sys.modules if name.startswith("revocation.testing")]
assert not found, found
"""


def test_the_examples_pass(tmp_path):
    conftest, functions = examples(PAGE, "With pytest")
    [cases] = examples(PAGE, "With Django's TestCase")
    files = {"conftest.py": conftest, "test_functions.py": functions, "test_cases.py": cases}
    for name, source in files.items():
        (tmp_path / name).write_text(source)
    written = sum(source.count("def test_") for source in files.values())

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ
        | {
            "PYTHONPATH": str(DOCS.parent),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert f" {written} passed in " in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("program", [IMPORTS, SERVES], ids=["imported early", "never imported"])
def test_importing_it_changes_nothing_and_serving_does_not_import_it(program):
    subprocess.run([sys.executable, "-c", program], cwd=DOCS.parent, check=True)
