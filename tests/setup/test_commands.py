"""The commands of the Makefile, as `make -n` would run them."""

import os
import re
import subprocess

import pytest

from .conftest import ROOT


def make(*arguments, **environ):
    # When the suite itself runs under make, its flags and choices must not reach this one.
    ours = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CI", "CHROMIUM", "DJANGO_DEBUG", "PORT"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=kept | environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_make_alone_lists_every_command():
    listed = re.findall(r"^make (\w+) ", make(), re.MULTILINE)

    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(phony[1].split())


def test_without_a_browser_its_tests_are_left_out_and_one_is_told():
    planned = make("-n", "test", "CHROMIUM=")

    assert "--ignore=tests/e2e" in planned
    assert "Browser tests are left out" in planned


@pytest.mark.parametrize(("arguments", "environ"), [((), {"CI": "true"}), (("CHROMIUM=/b",), {})])
def test_with_a_browser_or_in_ci_nothing_is_left_out(arguments, environ):
    assert "--ignore" not in make("-n", "test", "CHROMIUM=", *arguments, **environ)


@pytest.mark.parametrize(
    ("command", "steps"), [("run", "run assets"), ("example", "run assets example")]
)
def test_serving_needs_no_development_packages(command, steps):
    assert re.search(rf"requirements {steps}$", make("-n", command), re.MULTILINE)


def test_whom_we_measure_beside_us_is_installed_for_that_alone():
    assert re.search(r"requirements run dev bench$", make("-n", "bench"), re.MULTILINE)
    assert not re.search(r"requirements.* bench\b", make("-n", "test"))


@pytest.mark.parametrize(("given", "used"), [({}, "true"), ({"DJANGO_DEBUG": "false"}, "false")])
@pytest.mark.parametrize("command", ["run", "example"])
def test_serving_is_for_development_unless_told_otherwise(tmp_path, command, given, used):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "DJANGO_DEBUG is $DJANGO_DEBUG"\nexit 1\n')
    python.chmod(0o755)
    done = subprocess.run(
        ["make", command, f"PYTHON={python}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | given,
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"DJANGO_DEBUG is {used}" in done.stdout


def test_locks_carry_hashes_and_no_addresses():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()

        assert "://" not in text
        for requirement in text.replace("\\\n", " ").splitlines():
            assert "--hash=sha256:" in requirement, requirement
