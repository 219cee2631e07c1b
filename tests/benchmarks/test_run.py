"""The benchmark as it is run: in a process of its own, since it sets Django up for itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.chart import draw
from benchmarks.contenders import is_installed

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["--parts", "process", "--quick"]

RUN_WITHOUT_EXPIRY = """
from benchmarks import stage
from benchmarks.setups import Setup

with stage.prepared(Setup("sqlite", "database")) as user:
    from benchmarks.contenders.django_graphql_jwt import DjangoGraphQLJWT
    from benchmarks.proof import enter
    from benchmarks.work import me

    class Careless(DjangoGraphQLJWT):
        settings = {**DjangoGraphQLJWT.settings, "GRAPHQL_JWT": {}}

    enter(Careless(), me(user), user, me=me(user))
"""

# Contender, and what it asks the database at each work it takes part in.
ALWAYS = {
    "floor": {"me": 0},
    "ours": {
        "me": 1,
        "books": 2,
        "open books": 1,
        "aliases": 1,
        "sign-in": 7,
        "refresh": 2,
        "logout": 3,
    },
    "ours-unchecked": {"me": 1, "books": 2, "open books": 1, "aliases": 1},
    "django-graphql-jwt": {
        "me": 1,
        "books": 2,
        "open books": 2,
        "aliases": 1,
        "sign-in": 1,
        "refresh": 1,
    },
    "jwt-blacklist": {
        "me": 2,
        "books": 3,
        "open books": 2,
        "aliases": 51,
        "sign-in": 1,
        "refresh": 1,
        "logout": 3,
    },
    "drf-blacklist": {"me": 2, "books": 3, "aliases": 2},
}
# Where `make bench` has been, these take part, too.
INSTALLED = {
    "rest_framework_simplejwt": {
        "drf-simplejwt": {
            "me": 1,
            "books": 2,
            "aliases": 1,
            "sign-in": 2,
            "refresh": 9,
            "logout": 5,
        }
    },
    "gqlauth": {
        "strawberry-auth": {
            "me": 1,
            "books": 2,
            "open books": 2,
            "aliases": 1,
            "sign-in": 5,
            "refresh": 5,
            "logout": 2,
        }
    },
}


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One tiny run on one of the set-ups, in a shell that is set up for development."""
    path = tmp_path_factory.mktemp("benchmark") / "figures.json"
    process = run(
        *("-m", "benchmarks", "--database", "sqlite", *OPTIONS, "--json", str(path)),
        DJANGO_DEBUG="true",
        DATABASE_URL="sqlite:////nowhere/at.all",
        REVOCATION_STORE="redis",
        REDIS_URL="redis://nowhere:1/0",
    )
    assert process.returncode == 0, process.stderr
    return process, json.loads(path.read_text())


@pytest.fixture(scope="module")
def works(finished):
    [found] = finished[1]["runs"]
    return {work["name"]: {row["name"]: row for row in work["rows"]} for work in found["works"]}


@pytest.fixture(scope="module")
def me(works):
    return works["me"]


def test_the_terminal_shows_every_contender_every_work_and_every_target(finished, works):
    output = finished[0].stdout
    for word in (*works, *ALWAYS, "µs", "SQL"):
        assert word in output
    assert "SQLite: target: me, to django-graphql-jwt at most 0.125: " in output
    assert "SQLite: target: statements of a logout at most 3: met (3)" in output


def test_each_contender_asks_the_database_as_often_as_its_design_says(works):
    expected = dict(ALWAYS)
    for package, contenders in INSTALLED.items():
        expected |= contenders if is_installed(package) else {}
    found = {name: {} for name in expected}
    for work, rows in works.items():
        for name, row in rows.items():
            found[name][work] = row["statements"]
    assert found == expected


def test_every_round_of_every_contender_is_in_the_file(works):
    for rows in works.values():
        for row in rows.values():
            assert len(row["rounds"]) == 2
            assert all(batch["cpu"] > 0 and batch["wall"] > 0 for batch in row["rounds"])


def test_targets_are_judged_by_the_figures_of_the_same_run(finished, me):
    verdict = finished[1]["runs"][0]["targets"][0]
    rounds = zip(me["ours"]["rounds"], me["django-graphql-jwt"]["rounds"], strict=True)
    ratios = [ours["cpu"] / theirs["cpu"] for ours, theirs in rounds]
    assert verdict["value"] == pytest.approx(sum(ratios) / 2)
    assert verdict["is_met"] is (verdict["value"] <= 1 / 8)


def test_whoever_is_left_out_is_named(finished):
    for package in INSTALLED:
        assert (package in finished[0].stdout) is not is_installed(package)


def test_a_chart_is_drawn_or_what_it_needs_is_said_before_anything_is_measured(finished, tmp_path):
    path = tmp_path / "figures.png"
    if is_installed("matplotlib"):
        draw(finished[1], path)
        assert path.read_bytes().startswith(b"\x89PNG")
    else:
        process = run("-m", "benchmarks", "--chart", str(path))
        assert process.returncode == 2
        assert "--chart needs matplotlib, which `make bench` installs" in process.stderr


def test_ours_refuses_what_it_must_and_says_why(works):
    for work in ("me", "books", "aliases", "logout"):
        assert works[work]["ours"]["refusals"] == {
            "no token": "TOKEN_MISSING",
            "a forged token": "TOKEN_INVALID",
            "an expired token": "TOKEN_EXPIRED",
            "a revoked token": "TOKEN_REVOKED",
        }


def test_with_the_check_off_ours_refuses_all_but_revoked_tokens(me):
    assert me["ours-unchecked"]["refusals"] == {
        "no token": "TOKEN_MISSING",
        "a forged token": "TOKEN_INVALID",
        "an expired token": "TOKEN_EXPIRED",
    }


def test_django_graphql_jwt_refuses_all_but_revoked_tokens(me):
    assert me["django-graphql-jwt"]["refusals"] == {
        "no token": "You do not have permission to perform this action",
        "a forged token": "Error decoding signature",
        "an expired token": "Signature has expired",
    }


def test_with_the_copied_blacklist_it_refuses_those_too(me):
    assert me["jwt-blacklist"]["refusals"] == {
        **me["django-graphql-jwt"]["refusals"],
        "a revoked token": "Token has been blacklisted",
    }


def test_the_copied_permission_refuses_revoked_tokens(me):
    assert me["drf-blacklist"]["refusals"] == {
        "no token": "Authentication credentials were not provided.",
        "a forged token": "Incorrect authentication credentials.",
        "an expired token": "Incorrect authentication credentials.",
        "a revoked token": "You do not have permission to perform this action.",
    }


def test_the_floor_protects_nothing(me):
    assert me["floor"]["refusals"] == {}


def test_nobody_has_to_be_known_for_an_open_list(works):
    assert all(row["refusals"] == {} for row in works["open books"].values())


def test_each_contender_runs_under_its_own_settings():
    # django-graphql-jwt verifies no expiry by default; ours, in the same process, always does.
    process = run("-c", RUN_WITHOUT_EXPIRY)
    assert "Unfaithful: django-graphql-jwt answers an expired token with" in process.stderr


def test_on_postgresql_with_redis_the_store_of_ours_is_asked(tmp_path):
    path = tmp_path / "figures.json"
    options = ["--database", "postgresql", "--store", "redis", *OPTIONS, "--json", str(path)]
    process = run("-m", "benchmarks", *options)
    assert process.returncode == 0, process.stderr
    [found] = json.loads(path.read_text())["runs"]
    works = {work["name"]: {row["name"]: row for row in work["rows"]} for work in found["works"]}
    assert set(works["me"]) == {"floor", "ours", "django-graphql-jwt"}
    # The list asks for its rows alone: Redis has said that the token is not revoked.
    assert works["books"]["ours"]["statements"] == 1
    assert works["books"]["ours"]["refusals"]["a revoked token"] == "TOKEN_REVOKED"


@pytest.mark.parametrize("count", ["0", "-1", "many", "1.5"])
def test_a_count_that_is_none_is_refused_with_a_sentence(count):
    process = run("-m", "benchmarks", "--rounds", count)
    assert process.returncode == 2
    assert f"{count!r} is not a number above zero" in process.stderr
