"""What a page of the site says, for tests: its links, headings and anchors, and what it loads."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

# What a browser fetches without being asked. A link that is followed by hand is none of it.
LOADED = {
    "audio": "src", "embed": "src", "iframe": "src", "img": "src", "input": "src",
    "object": "data", "script": "src", "source": "src", "use": "href", "video": "src",
}  # fmt: skip
LOADED_LINKS = {
    "icon",
    "manifest",
    "modulepreload",
    "preconnect",
    "prefetch",
    "preload",
    "stylesheet",
}


@dataclass
class Page(HTMLParser):
    """One page, read at once."""

    path: Path
    ids: set[str] = field(default_factory=set)
    # Of everything; and of what its author wrote, without menus.
    links: list[str] = field(default_factory=list)
    content_links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    blocks: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self._article = 0
        self._heading = ""
        self.feed(self.path.read_text())

    def __hash__(self) -> int:
        return hash(self.path)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._article += tag == "article"
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if self._article and "headerlink" not in given.get("class", ""):
                self.content_links.append(given["href"])
        if re.fullmatch("h[1-6]", tag) and self._article:
            self._heading = given.get("id", "")
            self.headings[self._heading] = ""
        if tag == "div" and "highlight" in given.get("class", "").split():
            self.blocks += 1
        self._note_loaded(tag, given)

    def handle_endtag(self, tag: str) -> None:
        self._article -= tag == "article"
        if re.fullmatch("h[1-6]", tag):
            self._heading = ""

    def handle_data(self, data: str) -> None:
        if self._heading:
            self.headings[self._heading] += data

    def _note_loaded(self, tag: str, given: dict[str, str]) -> None:
        if LOADED.get(tag) in given:
            self.loads.append(given[LOADED[tag]])
        if "srcset" in given:
            self.loads += [part.split()[0] for part in given["srcset"].split(",")]
        if tag == "link" and LOADED_LINKS & set(given.get("rel", "").split()):
            self.loads.append(given["href"])
