"""Set-up of the environment: from nothing, again, after an interruption, and when it cannot."""

import ast
import fcntl
import os
import re
import shutil
import stat
import subprocess
import sys

from .conftest import ROOT, make_wheel

CREATES = "Creating the environment"


def assert_told(done, *words):
    """It failed with a sentence, not with a traceback."""
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    sentence = done.stderr.strip().splitlines()[-1]
    for word in words:
        assert word in sentence


def test_the_first_set_up_makes_an_environment_with_what_the_lock_names(set_up_project):
    [made, installed] = set_up_project.first.stdout.splitlines()

    assert CREATES in made
    assert re.search(r"requirements/run\.txt \.\.\. done in \d+ s", installed)
    assert set_up_project.has("runneeds")


def test_a_second_set_up_does_nothing(project):
    # Whatever pip would try, it could not: there is nothing left to install from.
    shutil.rmtree(project.wheels)

    done = project.set_up("run")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_lock_is_installed(project):
    project.lock("run", make_wheel(project.wheels, "newneeds", {"newneeds.py": ""}))

    done = project.set_up("run")

    assert CREATES not in done.stdout
    assert project.has("newneeds")


def test_what_development_needs_is_installed_only_when_asked_for(project):
    project.lock("dev", make_wheel(project.wheels, "devneeds", {"devneeds.py": ""}))

    project.set_up("run")
    assert not project.has("devneeds")

    project.set_up("run", "dev")
    assert project.has("devneeds")


def test_a_package_other_than_the_locked_one_is_refused(project):
    line = make_wheel(project.wheels, "forged", {"forged.py": ""})
    project.lock("run", line)
    make_wheel(project.wheels, "forged", {"forged.py": "EVIL = True\n"})

    done = project.set_up("run")

    assert_told(done, "requirements/run.txt", "run the same command again")
    assert not project.has("forged")


def test_a_failed_download_leaves_the_environment_as_it_was(project):
    before = (project.folder / "requirements" / "run.txt").read_text()
    project.lock("run", "missing==1.0 --hash=sha256:" + 64 * "0" + "\n")
    assert_told(project.set_up("run"), "network")

    project.lock("run", before)
    done = project.set_up("run")

    assert done.returncode == 0
    assert CREATES not in done.stdout
    assert project.has("runneeds")


def test_an_interrupted_installation_is_done_again_from_the_start(project):
    # What a set-up killed inside pip leaves: its mark, and a package without its module.
    (project.folder / ".venv" / "unfinished").touch()
    [module] = (project.folder / ".venv").rglob("runneeds.py")
    module.unlink()

    done = project.set_up("run")

    assert CREATES in done.stdout
    assert project.has("runneeds")


def test_an_environment_whose_python_is_gone_is_made_anew(project):
    project.python.unlink()
    project.python.symlink_to("/nowhere/python3")

    done = project.set_up("run")

    assert CREATES in done.stdout
    assert project.has("runneeds")


def test_two_set_ups_at_once_take_turns(project):
    folder = os.open(project.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    second = subprocess.Popen(
        [sys.executable, "requirements", "run"],
        cwd=project.folder,
        env=project.environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    with second:
        assert "Waiting for another set-up" in second.stdout.readline()
        assert second.poll() is None

        os.close(folder)

        assert second.wait(timeout=60) == 0


def test_a_folder_that_cannot_be_written_is_named(project):
    # As root no permission stops us, but nobody can make a folder where a file lies.
    shutil.rmtree(project.folder / ".venv")
    (project.folder / ".venv").touch()

    assert_told(project.set_up("run"), str(project.folder / ".venv"), "written")


def test_a_python_without_venv_is_told_what_to_install(project, tmp_path):
    shutil.rmtree(project.folder / ".venv")
    (tmp_path / "venv.py").write_text("raise SystemExit('ensurepip is not available')")

    done = project.set_up("run", PYTHONPATH=str(tmp_path))

    assert_told(done, "apt install python3-venv")
    assert "ensurepip is not available" in done.stderr


def test_a_too_old_python_is_told_so(project, tmp_path):
    done = subprocess.run(
        ["make", "run", f"PYTHON={old_python(tmp_path)}"],
        cwd=ROOT,
        env=project.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "is 3.6.15" in done.stderr
    assert "make run PYTHON=" in done.stderr
    assert "Traceback" not in done.stderr


def old_python(folder):
    """Write an interpreter that says it is 3.6, and trips over syntax that 3.6 did not know."""
    program = (
        "import ast, pathlib, sys\n"
        "sys.version_info = (3, 6, 15, 'final', 0)\n"
        "source = pathlib.Path(sys.argv[1], '__main__.py').read_text()\n"
        "ast.parse(source, feature_version=(3, 7))\n"
        "exec(compile(source, sys.argv[1], 'exec'), {'__name__': '__main__'})\n"
    )
    (folder / "old.py").write_text(program)
    script = folder / "python3.6"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{folder}/old.py" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_the_file_that_tells_an_old_python_has_no_new_syntax():
    tree = ast.parse((ROOT / "requirements" / "__main__.py").read_text())

    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match)
    assert not [node for node in ast.walk(tree) if isinstance(node, new)]


def test_no_python_at_all_is_told_what_to_install(project):
    done = subprocess.run(
        ["make", "run", "PYTHON=no-such-python"],
        cwd=ROOT,
        env=project.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "Install Python 3.11 or newer" in done.stderr


def test_an_unknown_step_lists_the_known_ones(project):
    done = project.set_up("bananas")

    assert done.returncode == 1
    steps = "run, dev, bench, docs, sbom, mariadb, assets, example, typecheck, webtest, apollo"
    assert steps in done.stderr
