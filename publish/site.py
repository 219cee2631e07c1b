"""Builds the documentation site: `python -m publish.site`, or `make docs`.

The pages are assembled in a folder first, so that whatever turns them into HTML needs no plugin of
ours: those of `docs/`, a few from elsewhere in the repository, and the reference, which is
generated from the code each time and kept nowhere.
"""

import logging
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "mkdocs.yml"
# Pages from outside `docs/`, by their names in the site.
FROM_ELSEWHERE = {
    "overview.md": "README.md",
    "apollo-link.md": "web/apollo-link/README.md",
    "changelog.md": "CHANGELOG.md",
    "security.md": "SECURITY.md",
}
# Folders that a code host shows as their page.
ALIASES = {"web/apollo-link": "apollo-link.md"}
# Folders of the repository that a page names and the site has not: the words stay, the link goes.
NOT_IN_THE_SITE = ("web/example", "web/clients", "benchmarks", "examples", "tests")

_LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s#:]+)((?:#[\w-]+)?)\)")
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)


def assemble(folder: Path) -> None:
    """Write every page of the site into an empty folder, with the pictures they show."""
    shutil.rmtree(folder, ignore_errors=True)
    names = site_names()
    for source, name in names.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".md":
            text = (ROOT / source).read_text()
            target.write_text(with_links_of_the_site(text, source=source, names=names))
        else:
            shutil.copyfile(ROOT / source, target)
    # Not before it is asked for: it needs Django set up.
    from publish.reference import generate

    generate(folder)


def site_names() -> dict[str, str]:
    """Return which file of the repository has which name in the site."""
    docs = ROOT / "docs"
    files = [path for path in sorted(docs.rglob("*")) if path.is_file()]
    names = {str(path.relative_to(ROOT)): str(path.relative_to(docs)) for path in files}
    return names | {source: name for name, source in FROM_ELSEWHERE.items()}


def with_links_of_the_site(text: str, *, source: str, names: Mapping[str, str]) -> str:
    """Return a page whose links, relative to its place in the repository, hold in the site."""

    def replaced(link: re.Match[str]) -> str:
        words, path, anchor = link.groups()
        wanted = os.path.normpath(Path(source).parent / path)
        if wanted.startswith(NOT_IN_THE_SITE) and wanted not in names:
            return words[1:-1]
        name = ALIASES.get(wanted) or names.get(wanted)
        if name is None:
            # Left as it is: the build fails on it and says where it stands.
            return link[0]
        here = Path(names[source]).parent
        return f"{words}({os.path.relpath(name, here)}{anchor})"

    # Code may have brackets before parentheses, too.
    parts = _FENCED.split(text)
    return "".join(
        part if part.lstrip().startswith("```") else _LINK.sub(replaced, part) for part in parts
    )


def build(into: Path) -> Path:
    """Assemble the pages and build the site in this folder, strictly. Return where it is.

    Raises `mkdocs.exceptions.Abort` for a page without a place, or a link that leads nowhere.
    """
    from mkdocs.commands.build import build as build_html
    from mkdocs.config import load_config

    pages, site = into / "docs", into / "site"
    assemble(pages)
    config = load_config(str(CONFIG), strict=True, docs_dir=str(pages), site_dir=str(site))
    config.plugins.on_startup(command="build", dirty=False)
    build_html(config)
    config.plugins.on_shutdown()
    return site


def main(arguments: Sequence[str]) -> None:
    import django
    from mkdocs.exceptions import Abort

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    django.setup()
    into = Path(*arguments) if arguments else ROOT / "build"
    try:
        site = build(into.resolve())
    except Abort as refused:
        sys.exit(str(refused))
    print(f"Built {site}. To read it: python3 -m http.server --directory {site}")


if __name__ == "__main__":
    main(sys.argv[1:])
