"""What is made of the figures."""

import pytest

from benchmarks.results import Row, Target, judge
from benchmarks.table import render, render_verdict


def row(name, cpu_us):
    return Row(
        name=name,
        summary="",
        is_revoking=False,
        wall_us=cpu_us,
        cpu_us=cpu_us,
        spread=0.05,
        statements=1,
        refusals={},
        rounds=[],
    )


TARGET = Target("ours at most a quarter of theirs", "ours", "theirs", at_most=0.25)


@pytest.mark.parametrize(("ours", "word"), [(249, "met"), (250, "met"), (251, "not met")])
def test_a_target_is_met_at_its_ratio_or_below(ours, word):
    [verdict] = judge([row("ours", ours), row("theirs", 1000)], [TARGET])
    line = render_verdict(verdict)
    assert line == f"target: ours at most a quarter of theirs: {word} ({ours / 1000:.3f})"


def test_a_target_without_its_contenders_is_passed_over():
    assert judge([row("ours", 1)], [TARGET]) == []


def test_the_table_shows_ratios_of_this_run():
    rows = [row("floor", 50), row("ours", 200), row("django-graphql-jwt", 1000)]
    lines = render(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    cells = lines[2].split()
    assert cells == ["ours", "200", "200", "±5%", "0.20", "4.00", "1", "no"]
