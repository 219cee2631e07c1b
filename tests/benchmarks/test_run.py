"""The benchmark as it is run: in a process of its own, since it sets Django up for itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RUN_WITHOUT_EXPIRY = """
from benchmarks import stage

with stage.prepared() as user:
    from benchmarks.contenders.django_graphql_jwt import DjangoGraphQLJWT
    from benchmarks.proof import enter
    from benchmarks.work import me

    class Careless(DjangoGraphQLJWT):
        settings = {**DjangoGraphQLJWT.settings, "GRAPHQL_JWT": {}}

    enter(Careless(), me(user), user)
"""


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One tiny run, in a shell that is set up for development."""
    path = tmp_path_factory.mktemp("benchmark") / "figures.json"
    options = ["--rounds", "2", "--requests", "2", "--json", str(path)]
    process = run(
        "-m", "benchmarks", *options, DJANGO_DEBUG="true", DATABASE_URL="sqlite:////nowhere/at.all"
    )
    assert process.returncode == 0, process.stderr
    return process, json.loads(path.read_text())


@pytest.fixture(scope="module")
def rows(finished):
    return {row["name"]: row for row in finished[1]["works"][0]["rows"]}


def test_the_terminal_shows_every_contender_and_the_target(finished):
    output = finished[0].stdout
    for word in ("floor", "ours", "django-graphql-jwt", "drf-blacklist", "µs", "SQL"):
        assert word in output
    assert "target: ours at most a quarter of django-graphql-jwt: " in output


def test_every_round_of_every_contender_is_in_the_file(rows):
    assert list(rows) == ["floor", "ours", "django-graphql-jwt", "drf-blacklist"]
    for row in rows.values():
        assert len(row["rounds"]) == 2
        assert all(batch["cpu"] > 0 and batch["wall"] > 0 for batch in row["rounds"])


def test_the_target_is_judged_by_the_figures_of_the_same_run(finished, rows):
    [verdict] = finished[1]["targets"]
    ratio = rows["ours"]["cpu_us"] / rows["django-graphql-jwt"]["cpu_us"]
    assert verdict["ratio"] == pytest.approx(ratio)
    assert verdict["is_met"] is (ratio <= 0.25)


def test_each_contender_asks_the_database_as_often_as_its_design_says(rows):
    assert {name: row["statements"] for name, row in rows.items()} == {
        "floor": 0,
        "ours": 1,
        "django-graphql-jwt": 1,
        "drf-blacklist": 2,
    }


def test_ours_refuses_what_it_must_and_says_why(rows):
    assert rows["ours"]["refusals"] == {
        "no token": "TOKEN_MISSING",
        "a forged token": "TOKEN_INVALID",
        "an expired token": "TOKEN_EXPIRED",
        "a revoked token": "TOKEN_REVOKED",
    }


def test_django_graphql_jwt_refuses_all_but_revoked_tokens(rows):
    assert rows["django-graphql-jwt"]["refusals"] == {
        "no token": "You do not have permission to perform this action",
        "a forged token": "Error decoding signature",
        "an expired token": "Signature has expired",
    }


def test_the_copied_permission_refuses_revoked_tokens(rows):
    assert rows["drf-blacklist"]["refusals"] == {
        "no token": "Authentication credentials were not provided.",
        "a forged token": "Incorrect authentication credentials.",
        "an expired token": "Incorrect authentication credentials.",
        "a revoked token": "You do not have permission to perform this action.",
    }


def test_the_floor_protects_nothing(rows):
    assert rows["floor"]["refusals"] == {}


def test_each_contender_runs_under_its_own_settings():
    # django-graphql-jwt verifies no expiry by default; ours, in the same process, always does.
    process = run("-c", RUN_WITHOUT_EXPIRY)
    assert "Unfaithful: django-graphql-jwt answers an expired token with" in process.stderr


@pytest.mark.parametrize("count", ["0", "-1", "many", "1.5"])
def test_a_count_that_is_none_is_refused_with_a_sentence(count):
    process = run("-m", "benchmarks", "--rounds", count)
    assert process.returncode == 2
    assert f"{count!r} is not a number above zero" in process.stderr
