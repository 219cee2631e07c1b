"""What is made of the windows of a run."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from benchmarks.over_http import rounds
from benchmarks.over_http.flat import Flat
from benchmarks.over_http.results import Target, Verdict, judge, row_of
from benchmarks.over_http.rounds import Limits, Window
from benchmarks.over_http.table import render_load
from benchmarks.over_http.tasks import TASKS
from benchmarks.over_http.under_load import Plan
from benchmarks.over_http.wrk import Load


def window(requests, *, wrong=0, broken=0, sample=""):
    load = Load(
        requests=requests,
        seconds=2.0,
        p50=1000,
        p99=3000,
        wrong=wrong,
        broken=broken,
        sample=sample,
        cpu_seconds=0.001 * requests,
    )
    return Window(load, server_cpu_seconds=0.0002 * requests, backing_cpu_seconds=0.0)


def row(name, *requests, work="me", connections=16):
    windows = [window(number) for number in requests]
    return row_of(name, windows, work=work, connections=connections)


def test_throughput_is_the_median_of_the_windows():
    assert row("ours", 100, 900, 200).throughput == 100


def test_processor_time_is_told_for_each_request():
    found = row("ours", 100)
    assert (found.server_us, found.load_us) == pytest.approx((200, 1000))


def test_errors_of_all_windows_are_added_up_with_one_of_the_answers():
    found = row_of(
        "ours",
        [window(9), window(9, wrong=2, broken=1, sample="500 oops")],
        work="me",
        connections=1,
    )
    assert (found.errors, found.sample) == (3, "500 oops")


def test_a_window_without_any_answer_is_told_rather_than_divided_by():
    found = row_of("ours", [window(0, broken=4)], work="me", connections=1)
    assert (found.throughput, found.errors) == (0, 4)


@pytest.mark.parametrize(("requests", "is_met"), [(1000, True), (999, False)])
def test_a_target_is_a_ratio_of_the_same_run(requests, is_met):
    target = Target("ours", "other", at_least=5)
    [verdict] = judge([row("ours", requests), row("other", 200)], [target])
    assert verdict.ratio == requests / 200
    assert verdict.is_met is is_met


@pytest.mark.parametrize("place", [{"connections": 1}, {"work": "books"}])
def test_targets_are_judged_at_sixteen_connections_and_the_smallest_query_alone(place):
    rows = [row("ours", 10, **place), row("other", 1, **place)]
    assert judge(rows, [Target("ours", "other", at_least=5)]) == []


def test_a_target_is_not_judged_without_its_servers():
    assert judge([row("ours", 10)], [Target("ours", "other", at_least=5)]) == []


def test_the_table_shows_ratios_of_throughput():
    shown = render_load([row("ours", 1000), row("django-graphql-jwt", 200)]).splitlines()
    assert "to django-graphql-jwt" in shown[0]
    assert "5.00" in shown[1]
    assert "1.00" in shown[2]


LIMITS = Limits(rounds=2, seconds=1, requests=None, logouts=1)


def entry(name, task="me"):
    served = SimpleNamespace(name=name, does={"me", "books"})
    return SimpleNamespace(aim=SimpleNamespace(served=served, task=TASKS[task]), tokens=[])


def test_rounds_are_interleaved_and_each_server_comes_first_in_turn(monkeypatch):
    served = []
    monkeypatch.setattr(rounds, "_window", lambda entry, *_: served.append(entry.aim.served.name))
    entries = [entry(name) for name in ("first", "second", "third")]
    rounds.measure(entries, connections=1, limits=LIMITS)
    assert served == ["first", "second", "third", "second", "third", "first"]


def test_where_nobody_is_measured_there_are_no_windows():
    assert rounds.measure([], connections=1, limits=LIMITS) == {}


PLAN = Plan(
    names=["ours", "jwt-blacklist", "apollo-server"],
    tasks=["me", "refresh"],
    connections=(1, 16),
    limits=LIMITS,
    warm_up=1,
)


@pytest.mark.parametrize(
    ("task", "connections", "names"),
    [
        ("me", 1, ["ours", "apollo-server"]),
        ("me", 16, ["ours", "jwt-blacklist", "apollo-server"]),
        ("books", 1, ["ours", "apollo-server"]),
        ("refresh", 1, []),
        ("refresh", 16, ["ours"]),
    ],
)
def test_only_some_are_measured_with_each_number_of_connections(task, connections, names):
    assert PLAN.names_at(TASKS[task], connections) == names


def test_without_sixteen_connections_the_first_number_takes_its_place():
    plan = replace(PLAN, connections=(2, 4))
    assert plan.names_at(TASKS["refresh"], 2) == ["ours"]
    assert plan.names_at(TASKS["refresh"], 4) == []


def test_what_a_full_blacklist_costs_is_judged_by_pairs():
    # The machine got slower and slower; medians of the two columns would not tell.
    rounds = {"empty": [100.0, 200.0, 400.0], "full": [109.0, 218.0, 500.0]}
    flat = Flat("SQLite", 10, empty_us=200, full_us=218, rounds=rounds)
    assert flat.verdict == Verdict("10 live rows on SQLite within 10% of none", 1.09, is_met=True)


def test_more_than_a_tenth_is_not_flat():
    flat = Flat("SQLite", 10, empty_us=1, full_us=1, rounds={"empty": [1.0], "full": [1.11]})
    assert not flat.verdict.is_met
