"""What is made of the figures."""

from dataclasses import replace

import pytest

from benchmarks.results import Row, Work
from benchmarks.rounds import Batch
from benchmarks.table import render, render_all, render_verdict
from benchmarks.targets import Figure, Target, judge


def row(name, *cpu_us, statements=1):
    return Row(
        name=name,
        summary="",
        is_revoking=False,
        wall_us=cpu_us[0],
        cpu_us=cpu_us[0],
        spread=0.05,
        statements=statements,
        refusals={},
        rounds=[Batch(wall=one / 1e6, cpu=one / 1e6) for one in cpu_us],
    )


def me(*rows):
    return Work("me", "{ me }", list(rows))


def verdicts(work, *targets, database="sqlite", store="database"):
    return judge([work], [], database=database, store=store, targets=targets)


TARGET = Target("ours, to theirs,", 0.25, of=Figure("ours"), to=Figure("theirs"))


@pytest.mark.parametrize(("ours", "word"), [(249, "met"), (250, "met"), (251, "not met")])
def test_a_target_is_met_at_its_ratio_or_below(ours, word):
    [verdict] = verdicts(me(row("ours", ours), row("theirs", 1000)), TARGET)
    line = render_verdict(verdict)
    assert line == f"target: ours, to theirs, at most 0.25: {word} ({ours / 1000:.3f})"


def test_a_ratio_is_the_median_of_what_each_round_says():
    # The machine was slower in the second round, and busy with ours alone in the third.
    found = me(row("ours", 200, 400, 900), row("theirs", 1000, 2000, 1000))
    [verdict] = verdicts(found, TARGET)
    assert verdict.value == pytest.approx(0.2)


@pytest.mark.parametrize(("statements", "word"), [(3, "met"), (4, "not met")])
def test_statements_are_counted_not_compared(statements, word):
    target = Target("statements", 3, of=Figure("ours"))
    [verdict] = verdicts(me(row("ours", 1, statements=statements)), target)
    assert render_verdict(verdict) == f"target: statements at most 3: {word} ({statements})"


def test_a_target_without_its_contenders_is_passed_over():
    assert verdicts(me(row("ours", 1)), TARGET) == []


@pytest.mark.parametrize(("database", "store"), [("postgresql", "database"), ("sqlite", "redis")])
def test_a_target_for_another_set_up_is_passed_over(database, store):
    only = {"databases": ("sqlite",), "stores": ("database",)}
    target = Target("sqlite's", 1, of=Figure("ours"), to=Figure("theirs"), **only)
    found = me(row("ours", 1), row("theirs", 1))
    assert verdicts(found, target, database=database, store=store) == []


def test_figures_of_two_works_are_told_apart():
    target = Target("list", 1.02, of=Figure("ours", "books"), to=Figure("ours", "open books"))
    works = [Work("books", "", [row("ours", 103)]), Work("open books", "", [row("ours", 100)])]
    [verdict] = judge(works, [], database="sqlite", store="database", targets=[target])
    assert not verdict.is_met


def test_what_is_about_a_few_per_cent_is_judged_by_its_own_comparison():
    target = replace(TARGET, is_close=True)
    coarse = me(row("ours", 900), row("theirs", 1000))
    close = me(row("ours", 200), row("theirs", 1000))
    [verdict] = judge([coarse], [close], database="sqlite", store="database", targets=[target])
    assert render_verdict(verdict).endswith("at most 0.25: met (0.200, -800 µs)")
    assert verdicts(coarse, target) == []


def test_the_table_shows_ratios_of_this_run():
    rows = [row("floor", 50), row("ours", 200), row("django-graphql-jwt", 1000)]
    lines = render(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    cells = lines[2].split()
    assert cells == ["ours", "200", "200", "±5%", "0.20", "4.00", "1", "no"]


def test_who_does_not_take_part_has_a_dash():
    works = [me(row("floor", 50), row("ours", 200)), Work("logout", "", [row("ours", 900)])]
    lines = [line.split() for line in render_all(works).splitlines()]
    assert lines[0][-2:] == ["me", "logout"]
    assert lines[1:] == [["floor", "50", "(1)", "-"], ["ours", "200", "(1)", "900", "(1)"]]
