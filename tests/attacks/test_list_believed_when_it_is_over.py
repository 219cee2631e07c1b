"""A service that could fetch no newer status list goes on with one that has expired.

By a clock of the test's, so that the second in which it would matter is met.
"""

import pytest

from tests.examples.asking import LIFETIME, answers


def test_it_is_good_until_then():
    assert answers(0, 29, 31, 59.9) == ["let in"] * 4


@pytest.mark.parametrize("shortly_before", [59.1, 59.5, 59.999])
def test_having_asked_in_vain_shortly_before_stretches_nothing(shortly_before):
    said = answers(0, shortly_before, LIFETIME, LIFETIME + 0.05, LIFETIME + 0.9)

    assert said == ["let in", "let in", "Unknown", "Unknown", "Unknown"]


def test_nor_does_a_clock_that_is_behind():
    """As long as it lives, counted from when it was asked for."""
    assert answers(0, 59, 60, 75, behind=30) == ["let in", "let in", "Unknown", "Unknown"]


def test_a_clock_that_is_far_behind_knows_nothing():
    assert answers(0, behind=59) == ["let in"]
    assert answers(0, behind=3600) == ["Unknown"]


def test_nor_one_that_is_ahead():
    assert answers(0, behind=-61) == ["Unknown"]
