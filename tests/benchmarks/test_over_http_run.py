"""The benchmark over HTTP as it is run, with real servers, for a second each."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.contenders import is_installed
from benchmarks.over_http.apollo import (
    ApolloServer,
    ApolloServerOnPostgreSQL,
    ApolloServerWithKey,
)
from benchmarks.over_http.ground import Ground
from benchmarks.over_http.proof import Prover
from benchmarks.over_http.strangers import (
    DjangoGraphQLJWTOnPostgreSQL,
    DRFBlacklist,
    JWTBlacklist,
    SimpleJWT,
    StrawberryAuth,
)
from benchmarks.over_http.tasks import TASKS, account_work

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
def finished(tmp_path_factory):
    """One quick run of a server on each store, in a shell that is set up for development."""
    path = tmp_path_factory.mktemp("over_http") / "figures.json"
    process = run(
        *("--quick", "--parts", "http", "--json", str(path)),
        *("--servers", "floor,ours,ours-redis,django-graphql-jwt"),
        module="benchmarks",
        DJANGO_DEBUG="true",
        DATABASE_URL="sqlite:////nowhere/at.all",
    )
    assert process.returncode == 0, process.stderr
    return process, json.loads(path.read_text())


@pytest.fixture(scope="module")
def found(finished):
    return finished[1]["over_http"]


@needs_wrk
def test_each_server_is_measured_at_what_it_can_do(found):
    places = {}
    for row in found["rows"]:
        places.setdefault(row["name"], []).append(row["work"])
        assert row["connections"] == 16
        assert row["throughput"] > 0
        assert row["errors"] == 0
    queries = ["me", "books", "aliases"]
    assert places == {
        "floor": ["me"],
        "ours": [*queries, "sign-in", "refresh", "logout"],
        "ours-redis": [*queries, "sign-in", "refresh", "logout"],
        "django-graphql-jwt": [*queries, "sign-in", "refresh"],
    }


@needs_wrk
def test_only_who_asks_other_servers_has_some_behind_it(found):
    behind = Counter()
    for row in found["rows"]:
        # The system counts in ticks: one window alone may be shorter than the first.
        behind[row["name"]] += row["backing_us"]
    assert behind["ours-redis"] > 0
    assert behind["ours"] == behind["django-graphql-jwt"] == 0


@needs_wrk
def test_what_was_refused_before_it_was_measured_is_in_the_file(found):
    servers = {server["name"]: server for server in found["servers"]}
    assert servers["ours"]["refusals"] == servers["ours-redis"]["refusals"] == REFUSALS
    assert servers["django-graphql-jwt"]["refusals"] == {
        "no token": "You do not have permission to perform this action",
        "a forged token": "Error decoding signature",
        "an expired token": "Signature has expired",
    }
    assert servers["floor"]["refusals"] == {}


@needs_wrk
def test_memory_is_that_of_workers(found):
    for entry in found["memory"]:
        assert 20 < entry["memory"]["worker_mb"] < entry["memory"]["total_mb"] / 2


@needs_wrk
def test_the_terminal_shows_tables_and_at_the_end_whether_a_target_is_met(finished, found):
    shown, lines = finished[0].stdout, finished[0].stdout.splitlines()
    for word in ("me, 16 connections", "logout, 16 connections", "p99 ms", "MB each worker"):
        assert word in shown
    met = "met" if found["targets"][0]["is_met"] else "not met"
    target = "me over HTTP, ours at least 5 x django-graphql-jwt, 16 connections"
    assert f"target: {target}: {met}" in lines[-4]
    assert "live rows on SQLite within 10% of none" in lines[-3]
    assert lines[-1] == "That was quick: the figures say nothing."


@needs_wrk
def test_rows_are_weighed_beside_those_of_others(found):
    kept = {entry["where"]: entry["what"] for entry in found["kept"]}
    for database in ("SQLite", "PostgreSQL"):
        assert set(kept[f"ours, {database}"]) == {"session_row", "blacklist_row"}
        # An id of 32 characters lies in a table and in its index at least.
        assert all(size > 64 for size in kept[f"ours, {database}"].values())
        assert kept[f"jwt-blacklist, {database}"]["token_text_row"] > 300
        if is_installed("rest_framework_simplejwt"):
            assert kept[f"drf-simplejwt, {database}"]["outstanding_row"] > 200
            assert kept[f"drf-simplejwt, {database}"]["blacklisted_row"] > 16
    assert kept["ours, Redis beside the database"]["redis_key"] > 32


@needs_wrk
def test_requests_beside_few_and_many_rows_are_compared_on_each_database(found):
    places = [(flat["database"], flat["rows"]) for flat in found["flat"]]
    assert places == [("SQLite", 50), ("PostgreSQL", 50)]
    for flat in found["flat"]:
        assert [len(rounds) for rounds in flat["rounds"].values()] == [2, 2]


@needs_apollo
@pytest.mark.parametrize("contender", [ApolloServer, ApolloServerWithKey, ApolloServerOnPostgreSQL])
def test_apollo_server_does_and_refuses_what_ours_does_and_refuses(ground, contender):
    with contender(ground, workers=2) as served:
        prover = Prover(served, account_work(), ground.secret)
        refusals = prover.prove()
        for work in (TASKS["books"].work, TASKS["aliases"].work):
            replace(prover, work=work).prove()
        assert "<token>" in prover.prove_mutation(TASKS["sign-in"])
        prover.prove_mutation(TASKS["logout"])
    assert refusals == dict.fromkeys(REFUSALS, "User is not authenticated")


STRANGERS = (DjangoGraphQLJWTOnPostgreSQL, JWTBlacklist, SimpleJWT, DRFBlacklist, StrawberryAuth)


@pytest.mark.parametrize("contender", [one for one in STRANGERS if not one.missing()])
def test_a_stranger_is_what_it_says_behind_a_server_too(ground, contender):
    with contender(ground, workers=1) as served:
        refusals = Prover(served, account_work(), ground.secret).prove()
    assert ("a revoked token" in refusals) is contender.is_revoking
    assert {"no token", "a forged token", "an expired token"} <= set(refusals)


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
