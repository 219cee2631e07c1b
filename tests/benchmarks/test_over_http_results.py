"""What is made of the windows of a run."""

from types import SimpleNamespace

import pytest

from benchmarks.over_http import rounds
from benchmarks.over_http.flat import Flat
from benchmarks.over_http.results import Target, Verdict, judge, row_of
from benchmarks.over_http.rounds import Window
from benchmarks.over_http.table import render_load
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


def row(name, *requests, connections=16):
    return row_of(name, [window(number) for number in requests], connections=connections)


def test_throughput_is_the_median_of_the_windows():
    assert row("ours", 100, 900, 200).throughput == 100


def test_processor_time_is_told_for_each_request():
    found = row("ours", 100)
    assert (found.server_us, found.load_us) == pytest.approx((200, 1000))


def test_errors_of_all_windows_are_added_up_with_one_of_the_answers():
    found = row_of(
        "ours", [window(9), window(9, wrong=2, broken=1, sample="500 oops")], connections=1
    )
    assert (found.errors, found.sample) == (3, "500 oops")


def test_a_window_without_any_answer_is_told_rather_than_divided_by():
    found = row_of("ours", [window(0, broken=4)], connections=1)
    assert (found.throughput, found.errors) == (0, 4)


@pytest.mark.parametrize(("requests", "is_met"), [(1000, True), (999, False)])
def test_a_target_is_a_ratio_of_the_same_run(requests, is_met):
    target = Target("ours", "other", at_least=5)
    [verdict] = judge([row("ours", requests), row("other", 200)], [target])
    assert verdict.ratio == requests / 200
    assert verdict.is_met is is_met


def test_targets_are_judged_at_sixteen_connections_alone():
    rows = [row("ours", 10, connections=1), row("other", 1, connections=1)]
    assert judge(rows, [Target("ours", "other", at_least=5)]) == []


def test_a_target_is_not_judged_without_its_servers():
    assert judge([row("ours", 10)], [Target("ours", "other", at_least=5)]) == []


def test_the_table_shows_ratios_of_throughput():
    shown = render_load([row("ours", 1000), row("django-graphql-jwt", 200)]).splitlines()
    assert "to django-graphql-jwt" in shown[0]
    assert "5.00" in shown[1]
    assert "1.00" in shown[2]


def test_rounds_are_interleaved_and_each_server_comes_first_in_turn(monkeypatch):
    served = []
    names = ("first", "second", "third")
    aims = [SimpleNamespace(served=SimpleNamespace(name=name)) for name in names]
    monkeypatch.setattr(rounds, "_window", lambda aim, *_: served.append(aim.served.name))
    rounds.measure(aims, connections=1, rounds=2, seconds=1, on_window=bool)
    assert served == ["first", "second", "third", "second", "third", "first"]


def test_every_server_is_warmed_up_by_as_many_requests(monkeypatch):
    served = []

    def serve(*_, **__):
        served.append(400)
        return window(400).load

    monkeypatch.setattr(rounds, "load", serve)
    rounds.warm_up(None, requests=1000)
    assert sum(served) == 1200


def test_a_server_that_answers_nobody_is_not_waited_for(monkeypatch):
    windows = []
    monkeypatch.setattr(rounds, "load", lambda *_, **__: windows.append(1) or window(0).load)
    rounds.warm_up(None, requests=1000)
    assert len(windows) == rounds.WARM_UP_WINDOWS


def test_what_a_full_blacklist_costs_is_judged_by_pairs():
    # The machine got slower and slower; medians of the two columns would not tell.
    rounds = {"empty": [100.0, 200.0, 400.0], "full": [109.0, 218.0, 500.0]}
    flat = Flat("SQLite", 10, empty_us=200, full_us=218, rounds=rounds)
    assert flat.verdict == Verdict("10 live rows on SQLite within 10% of none", 1.09, is_met=True)


def test_more_than_a_tenth_is_not_flat():
    flat = Flat("SQLite", 10, empty_us=1, full_us=1, rounds={"empty": [1.0], "full": [1.11]})
    assert not flat.verdict.is_met
