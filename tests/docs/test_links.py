"""Every link of the documentation to a place in this repository leads somewhere."""

import re

import pytest

from tests.docs.examples import PAGES, page_name

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
