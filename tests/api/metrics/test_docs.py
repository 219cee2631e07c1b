"""The page about metrics names what is exposed, all of it and nothing else."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.docs.examples import DOCS

# | `name` | type | labels | meaning |
ROW = re.compile(r"^\| `(revocation_\w+)` \| (\w+) \|(.*?)\| (.+) \|$", re.MULTILINE)


@pytest.fixture
def page():
    return (DOCS / "monitoring.md").read_text()


@pytest.fixture
def exposed(metrics):
    return list(text_string_to_metric_families(metrics.get().content.decode()))


def name_of(family):
    return f"{family.name}_total" if family.type == "counter" else family.name


def labels_of(family):
    return {name for sample in family.samples for name in sample.labels} - {"le"}


def test_the_table_is_what_is_exposed(page, exposed):
    told = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels, _ in ROW.findall(page)
    }

    assert told == {name_of(one): (one.type, labels_of(one)) for one in exposed}


def test_every_value_of_a_label_is_on_the_page(page, exposed):
    values = {
        value
        for family in exposed
        for sample in family.samples
        for name, value in sample.labels.items()
        if name != "le" and value
    }

    assert {value for value in values if f"`{value}`" not in page} == set()


def test_prometheus_is_told_the_same_meanings(page, exposed):
    meanings = {name: meaning for name, _, _, meaning in ROW.findall(page)}

    assert meanings == {name_of(one): one.documentation for one in exposed}
