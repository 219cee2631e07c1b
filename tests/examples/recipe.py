"""The changed lines of docs/migrating.md, read from there and applied to a project's files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.live import ROOT

GUIDE = ROOT / "docs" / "migrating.md"
EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class Change:
    """Lines that stand together in a file, and what they become."""

    file: str
    before: str
    after: str

    def apply(self, project: Path) -> None:
        path = project / self.file
        text = path.read_text()
        assert text.count(self.before) == 1, self
        path.write_text(text.replace(self.before, self.after))

    @property
    def added(self) -> list[str]:
        return [line for line in self.after.splitlines() if line not in self.before.splitlines()]


def changes() -> list[Change]:
    """Return what the guide says is to be changed: a blank line stands between two places."""
    return [
        Change(file, _side("-", hunk), _side("+", hunk))
        for file, body in _files()
        for hunk in body.split("\n\n")
    ]


def step_more() -> list[Change]:
    """Return what the guide says may be changed after that."""
    text = GUIDE.read_text().partition("## One step more")[2].partition("\n## ")[0]
    fields = text.partition("```diff\n")[2].partition("```")[0]
    jwt = text.partition("```python\n")[2].partition("```")[0]
    handlers = "from revocation.contrib.graphql_jwt import HANDLERS"
    middleware = '"graphql_jwt.middleware.JSONWebTokenMiddleware"'
    return [
        Change("library/schema.py", _side("-", fields), _side("+", fields)),
        Change("library/settings.py", f"{handlers} as GRAPHQL_JWT\n", f"{handlers}\n\n{jwt}"),
        Change("library/settings.py", f'"MIDDLEWARE": [{middleware}]', '"MIDDLEWARE": []'),
    ]


def _files() -> Iterator[tuple[str, str]]:
    for block in GUIDE.read_text().split("```diff\n")[1:]:
        body = block.partition("```")[0].strip("\n")
        if body.startswith("--- "):
            header, _, rest = body.partition("\n")
            yield header.removeprefix("--- "), rest


def _side(sign: str, hunk: str) -> str:
    """Return the lines of one side of a hunk."""
    return "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line[0] in {" ", sign})
