"""The benchmark over HTTP as it is run, with real servers, for a second each."""

import json

import pytest

from benchmarks.over_http.apollo import (
    ApolloServer,
    ApolloServerOnPostgreSQL,
    ApolloServerWithKey,
)
from benchmarks.over_http.ground import Ground
from benchmarks.over_http.proof import Prover
from benchmarks.over_http.under_load import the_work

from .over_http import needs_apollo, needs_wrk, run

REFUSALS = {
    "no token": "TOKEN_MISSING",
    "a forged token": "TOKEN_INVALID",
    "an expired token": "TOKEN_EXPIRED",
    "a revoked token": "TOKEN_REVOKED",
}


@pytest.fixture(scope="module")
def ground():
    with Ground() as ground:
        yield ground


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """One tiny run of a server on each store, in a shell that is set up for development."""
    path = tmp_path_factory.mktemp("over_http") / "figures.json"
    servers = ["ours", "ours-redis", "django-graphql-jwt", "floor"]
    done = run(
        *("--parts", "load", "--servers", ",".join(servers), "--connections", "2,16"),
        *("--rounds", "1", "--seconds", "1", "--warm-up", "100", "--json", str(path)),
        DJANGO_DEBUG="true",
        DATABASE_URL="sqlite:////nowhere/at.all",
    )
    assert done.returncode == 0, done.stderr
    return done, json.loads(path.read_text())


@needs_wrk
def test_each_server_is_measured_at_each_number_of_connections(loaded):
    found = {(row["name"], row["connections"]) for row in loaded[1]["rows"]}
    names = ("floor", "ours", "ours-redis", "django-graphql-jwt")
    assert found == {(name, number) for name in names for number in (2, 16)}
    for row in loaded[1]["rows"]:
        assert row["throughput"] > 0
        assert row["server_us"] > 0
        assert row["errors"] == 0


@needs_wrk
def test_only_who_asks_other_servers_has_some_behind_it(loaded):
    behind = {row["name"]: row["backing_us"] for row in loaded[1]["rows"]}
    assert behind["ours-redis"] > 0
    assert behind["ours"] == behind["floor"] == 0


@needs_wrk
def test_what_was_refused_before_it_was_measured_is_in_the_file(loaded):
    servers = {server["name"]: server for server in loaded[1]["servers"]}
    assert servers["ours"]["refusals"] == servers["ours-redis"]["refusals"] == REFUSALS
    assert servers["django-graphql-jwt"]["refusals"] == {
        "no token": "You do not have permission to perform this action",
        "a forged token": "Error decoding signature",
        "an expired token": "Signature has expired",
    }
    assert servers["floor"]["refusals"] == {}


@needs_wrk
def test_memory_is_that_of_workers(loaded):
    for entry in loaded[1]["memory"]:
        assert 20 < entry["memory"]["worker_mb"] < entry["memory"]["total_mb"] / 2


@needs_wrk
def test_the_terminal_shows_tables_and_whether_a_target_is_met(loaded):
    shown, [verdict] = loaded[0].stdout, loaded[1]["targets"]
    for word in ("2 connections", "16 connections", "requests/s", "p99 ms", "MB each worker"):
        assert word in shown
    met = "met" if verdict["is_met"] else "not met"
    assert f"target: ours at least 5 x django-graphql-jwt, 16 connections: {met}" in shown


@needs_apollo
@pytest.mark.parametrize("contender", [ApolloServer, ApolloServerWithKey, ApolloServerOnPostgreSQL])
def test_apollo_server_refuses_what_ours_refuses(ground, contender):
    with contender(ground, workers=2) as served:
        refusals = Prover(served, the_work(), ground.secret).prove()
    assert refusals == dict.fromkeys(REFUSALS, "User is not authenticated")


def test_rows_are_weighed_and_requests_compared(tmp_path):
    path = tmp_path / "figures.json"
    sizes = ("--kept-rows", "1000", "--flat-rows", "50", "--flat-rounds", "2")
    done = run("--parts", "kept,flat", *sizes, "--json", str(path))
    assert done.returncode == 0, done.stderr
    found = json.loads(path.read_text())
    kept = {entry["where"]: entry["what"] for entry in found["kept"]}
    for where in ("ours, SQLite", "ours, PostgreSQL"):
        assert set(kept[where]) == {"session_row", "blacklist_row"}
        # An id of 32 characters lies in a table and in its index at least.
        assert all(size > 64 for size in kept[where].values())
    assert kept["ours, Redis beside the database"]["redis_key"] > 32
    assert [(flat["database"], flat["rows"]) for flat in found["flat"]] == [
        ("SQLite", 50),
        ("PostgreSQL", 50),
    ]
    for flat in found["flat"]:
        assert [len(rounds) for rounds in flat["rounds"].values()] == [2, 2]
    assert done.stdout.count("50 live rows on") == 2


def test_without_wrk_it_says_how_to_get_it(tmp_path):
    done = run("--parts", "load", "--servers", "floor", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt install wrk" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("option", "value"), [("--servers", "ours,theirs"), ("--parts", "theirs")])
def test_a_name_that_is_none_is_refused_with_those_there_are(option, value):
    done = run(option, value)
    assert done.returncode == 2
    assert "theirs is none of" in done.stderr


@pytest.mark.parametrize("count", ["0", "-1", "many", "1,0"])
def test_a_count_that_is_none_is_refused_with_a_sentence(count):
    done = run("--connections", count)
    assert done.returncode == 2
    assert "is not a number above zero" in done.stderr
