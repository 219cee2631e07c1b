"""Who has a MariaDB tests on it, and who lacks what its driver needs is told, not stopped."""

import pytest

from tests.setup.conftest import make_wheel

DRIVER = {"MySQLdb.py": ""}


@pytest.fixture
def with_mariadb(project):
    """Set up the driver on a machine that has the server, and these headers or not."""

    def set_up(*, has_headers, **environ):
        programs = project.folder / "programs"
        programs.mkdir()
        for name, code in {"mariadbd": 0, "pkg-config": 0 if has_headers else 1}.items():
            (programs / name).write_text(f"#!/bin/sh\nexit {code}\n")
            (programs / name).chmod(0o755)
        path = f"{programs}:{project.environ['PATH']}"
        return project.set_up("mariadb", PATH=path, **environ)

    return set_up


def lock_driver(project):
    project.lock("mariadb", make_wheel(project.wheels, "mysqlclient", DRIVER))


def test_the_driver_is_installed_where_the_server_is(project, with_mariadb):
    lock_driver(project)

    done = with_mariadb(has_headers=True)

    assert done.returncode == 0, done.stderr
    assert project.has("MySQLdb")


def test_without_headers_one_line_says_what_is_missing(project, with_mariadb):
    lock_driver(project)

    done = with_mariadb(has_headers=False)

    assert done.returncode == 0
    assert "libmariadb-dev" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert not project.has("MySQLdb")


def test_a_driver_that_cannot_be_built_stops_nobody(project, with_mariadb):
    project.lock("mariadb", "mysqlclient==0.0\n")

    done = with_mariadb(has_headers=True)

    assert done.returncode == 0
    assert "could not be compiled" in done.stdout


@pytest.mark.parametrize("has_headers", [True, False])
def test_but_ci(project, with_mariadb, has_headers):
    project.lock("mariadb", "mysqlclient==0.0\n")

    done = with_mariadb(has_headers=has_headers, CI="true")

    assert done.returncode != 0
    assert "libmariadb-dev" in done.stderr
