"""The documentation site: whole, from this machine alone, and short ways to what one looks for."""

import re
from collections import deque
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.docs.examples import ROOT, samples

# What a stranger comes for, and the heading that answers it.
WANTED = {
    "log out everywhere": "Log out everywhere",
    "Redis or not": "Redis or not",
    "what if my signing key leaks": "A signing key leaked",
    "what if a laptop is stolen": "A device or a token was stolen",
    "what if I restore a backup": "A backup was restored",
    "what should a client do": "Errors and codes",
    "how do I put it into a project": "Use it in your project",
    "which settings are there": "Settings",
    "what does this check want": "System checks",
    "is it safe, and against whom": "Threat model",
}


def target_of(href, page):
    """Return the file and the anchor that a link of a page leads to."""
    parts = urlsplit(href)
    path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
    return path, unquote(parts.fragment)


def is_elsewhere(href):
    return bool(urlsplit(href).scheme or urlsplit(href).netloc)


def test_it_is_built_without_a_word_of_warning(site):
    assert not re.search(
        "warn|error", re.sub(r"errors?\.(md|html)", "", site.printed), re.IGNORECASE
    )


def test_every_page_has_its_place_in_the_menu(site):
    text = re.sub(r"!!python/\S+", "", (ROOT / "mkdocs.yml").read_text())
    placed = set(re.findall(r"[\w/-]+\.md", str(yaml.safe_load(text)["nav"])))

    written = {str(path.relative_to(site.assembled)) for path in site.assembled.rglob("*.md")}
    assert placed == written


def test_every_link_leads_somewhere(site):
    dead = []
    for page in site.pages.values():
        for href in page.links:
            path, anchor = target_of(href, page)
            if is_elsewhere(href) or anchor == "__skip":
                continue
            is_there = anchor in site.pages[path].ids if anchor and path in site.pages else True
            if not path.is_file() or not is_there:
                dead.append((page.path.name, href))

    assert len(site.pages) > 30
    assert not dead


def test_links_to_elsewhere_are_whole(site):
    elsewhere = {href for page in site.pages.values() for href in page.links if is_elsewhere(href)}

    assert elsewhere
    for href in elsewhere:
        parts = urlsplit(href)
        assert parts.scheme == "https", href
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc), href


def test_what_pages_load_is_here(site):
    loaded = [(href, page) for page in site.pages.values() for href in page.loads]

    assert any(href.endswith(".png") for href, _ in loaded)
    for href, page in loaded:
        assert not is_elsewhere(href), href
        assert target_of(href, page)[0].is_file(), (page.path.name, href)


def test_what_styles_load_is_here(site):
    styles = list(site.folder.rglob("*.css"))

    assert styles
    for style in styles:
        for url in re.findall(r"url\(\s*['\"]?([^)'\"]+)", style.read_text()):
            assert url.startswith("data:") or (style.parent / url).is_file(), url


def test_scripts_have_no_reason_to_fetch_from_elsewhere(site):
    """The theme knows two other hosts: for diagrams, and for the figures of a repository."""
    for page in site.pages.values():
        text = page.path.read_text()
        assert 'class="mermaid"' not in text
        assert 'data-md-component="source"' not in text


def test_every_sample_is_shown_as_one(site):
    """Code hosts and the site's Markdown differ about what belongs to a list."""
    for source in site.assembled.rglob("*.md"):
        page = site.page(str(source.relative_to(site.assembled).with_suffix(".html")))
        assert page.blocks == len(list(samples(source))), source.name
        assert "```" not in page.path.read_text(), source.name


@pytest.fixture(scope="session")
def distances(site):
    """How many links of its text lead from the front page to each place."""
    start = (site.page("index.html").path, "")
    found, queue = {start: 0}, deque([start])
    while queue:
        here = queue.popleft()
        page = site.pages[here[0]]
        for there in [target_of(href, page) for href in page.content_links]:
            if there[0] in site.pages and there not in found:
                found[there] = found[here] + 1
                queue.append(there)
    return found


def places_of(heading, site):
    """Yield where a heading stands: its anchor, and the top of a page that it is the title of."""
    for path, page in site.pages.items():
        for number, (anchor, text) in enumerate(page.headings.items()):
            if text.rstrip("¶").strip() == heading:
                yield from [(path, anchor)] if number else [(path, anchor), (path, "")]


@pytest.mark.parametrize("wanted", WANTED)
def test_what_one_looks_for_is_two_links_away(site, distances, wanted):
    places = list(places_of(WANTED[wanted], site))

    assert places
    assert min(distances.get(place, 99) for place in places) <= 2
