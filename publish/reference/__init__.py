"""The reference, generated from the code it describes whenever the site is built."""

from pathlib import Path

from . import api, checks, commands, environment, errors, schema, settings, signals

# Each has a title, a sentence that says what it lists, and `page()`, which returns the rest.
PAGES = (settings, environment, errors, checks, signals, commands, schema, api)


def generate(folder: Path) -> None:
    """Write a page for each, and list them on `reference.md`."""
    reference = folder / "reference"
    reference.mkdir()
    listed = []
    for page in PAGES:
        name = f"{page.__name__.rpartition('.')[2]}.md"
        text = f"# {page.TITLE}\n\n{page.LEAD}\n\n{page.page()}\n"
        (reference / name).write_text(text)
        listed.append(f"- [{page.TITLE}](reference/{name}): {page.LEAD}")
    front = folder / "reference.md"
    front.write_text(
        front.read_text() + "\n## Generated from the code\n\n" + "\n".join(listed) + "\n"
    )
