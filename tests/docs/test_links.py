"""Every link of the documentation into this repository, and every test it names, is there."""

import re

import pytest

from tests.docs.examples import DOCS, PAGES, ROOT, page_name

THREATS = DOCS / "threat-model.md"
TEST = re.compile(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`")
LINK = re.compile(r"\]\(([^)\s#:]*)(?:#([\w-]+))?\)")


def anchors_of(page):
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page):
    for path, anchor in LINK.findall(page.read_text()):
        target = (page.parent / path).resolve() if path else page

        assert target.exists(), path
        assert not anchor or anchor in anchors_of(target), f"{path}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_tests_that_are_named_exist(page):
    for path, name in TEST.findall(page.read_text()):
        assert (ROOT / path).exists(), path
        assert not name or f"def {name}(" in (ROOT / path).read_text(), f"{path}::{name}"


def test_each_claim_of_the_threat_model_names_what_holds_it():
    rows = re.findall(r"^\| (\*\*cannot\*\*.+) \| (.*) \|$", THREATS.read_text(), re.MULTILINE)

    assert len(rows) > 20
    for claim, held_by in rows:
        assert TEST.search(held_by), claim
