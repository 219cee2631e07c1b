"""The example projects: one becomes the other by the lines of the guide, and what each does."""

import difflib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.recipe import EXAMPLES, changes, step_more
from tests.live import ROOT

BEFORE, AFTER = EXAMPLES / "before", EXAMPLES / "after"
PROBES = Path(__file__).parent


@pytest.fixture
def project(tmp_path):
    """A copy of the project before the upgrade."""
    return shutil.copytree(
        BEFORE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__")
    )


def manage(project, *arguments):
    """Run a command of a project that has our package installed, and nothing else of ours."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "library.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def probe(project, *names):
    for name in names:
        shutil.copy(PROBES / f"{name}.py", project / "library" / f"test_{name}.py")
    return manage(project, "test", "--pattern", "test*.py")


def sources(project):
    return {
        str(path.relative_to(project)): path.read_text() for path in sorted(project.rglob("*.py"))
    }


def test_the_lines_of_the_guide_make_one_project_of_the_other(project):
    for change in changes():
        change.apply(project)

    assert sources(project) == sources(AFTER)


def test_these_are_five_lines():
    before, after = sources(BEFORE), sources(AFTER)
    difference = [
        line
        for name in before
        for line in difflib.ndiff(before[name].splitlines(), after[name].splitlines())
        if line.startswith("+ ")
    ]

    assert len(difference) == 5
    assert sorted(line[2:] for line in difference) == sorted(
        line for change in changes() for line in change.added
    )


def test_before_the_upgrade_it_passes_its_own_tests():
    result = manage(BEFORE, "test")

    assert result.returncode == 0, result.stderr


def test_with_app_and_handlers_alone_it_passes_them_and_refuses_a_revoked_token(project):
    for change in changes():
        if "HANDLERS" in change.after or '"revocation",' in change.after:
            change.apply(project)

    result = probe(project, "revoked")

    assert result.returncode == 0, result.stderr
    assert "Ran 14 tests" in result.stderr


def test_upgraded_it_passes_them_and_logs_out(tmp_path):
    project = shutil.copytree(AFTER, tmp_path / "project")

    result = probe(project, "revoked", "logged_out")

    assert result.returncode == 0, result.stderr
    assert "Ran 16 tests" in result.stderr


def test_upgraded_it_has_no_error_left():
    result = manage(AFTER, "check", "--database", "default")

    assert result.returncode == 0, result.stderr
    assert "ERRORS" not in result.stderr


def test_one_step_more_it_passes_them_and_no_check_asks_for_anything(tmp_path):
    project = shutil.copytree(AFTER, tmp_path / "project")
    for change in step_more():
        change.apply(project)

    result = probe(project, "revoked", "logged_out")

    assert result.returncode == 0, result.stderr
    assert "Ran 16 tests" in result.stderr
    assert re.findall(r"revocation\.(\w+)", result.stderr) == ["W001"]


@pytest.mark.parametrize(
    ("setting", "check_id"),
    [("JWT_VERIFY_EXPIRATION=False", "E004"), ("JWT_ALLOW_ARGUMENT=True", "E008")],
)
def test_an_unsafe_setting_is_named_by_a_check_and_breaks_none(tmp_path, setting, check_id):
    project = shutil.copytree(AFTER, tmp_path / "project")
    with (project / "library" / "settings.py").open("a") as settings:
        settings.write(f"GRAPHQL_JWT = dict(GRAPHQL_JWT, {setting})\n")

    result = manage(project, "check")

    assert "Traceback" not in result.stderr
    assert f"(revocation.{check_id})" in result.stderr
    assert result.returncode == 1
