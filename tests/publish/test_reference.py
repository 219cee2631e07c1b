"""The generated reference names everything there is, found by another way than it was written."""

import re
from dataclasses import fields

import pytest
from django.core.management import get_commands
from django.dispatch import Signal

from api.limits import Limits
from publish.reference import api, checks
from revocation import errors, signals
from revocation.written import REVOCATION_DEFAULTS
from schema.root import schema
from tests.docs.examples import ROOT

LIMITS = {field.name.upper() for field in fields(Limits)}
SETTINGS_ON_THESE_PAGES = LIMITS | REVOCATION_DEFAULTS.keys()


@pytest.fixture
def text(site):
    return lambda name: (site.assembled / "reference" / f"{name}.md").read_text()


def descendants(kind):
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def in_source(package, pattern):
    files = (ROOT / package).rglob("*.py")
    return {found for path in files for found in re.findall(pattern, path.read_text())}


@pytest.mark.parametrize("name", REVOCATION_DEFAULTS)
def test_a_setting_stands_with_its_default_and_a_page_that_tells_of_it(text, name):
    [row] = [line for line in text("settings").splitlines() if line.startswith(f"| `{name}` |")]

    _, _, default, told, _ = row.split(" | ".strip())
    assert default.strip()
    assert "](../" in told


def test_every_limit_stands_there(text):
    for field in fields(Limits):
        assert f"| `{field.name.upper()}` |" in text("settings")


def test_every_variable_that_is_read_stands_there(text):
    read = in_source("api", r'(?:env\.\w+|switch|seconds|choice|origins|networks)\(\s*"([A-Z_]+)"')

    assert len(read) > 15
    for name in read:
        assert f"| `{name}` |" in text("environment")


def test_every_reason_and_code_stands_there(text):
    for kind in descendants(errors.RevocationError):
        if hasattr(kind, "reason"):
            assert f"| `{kind.code}` | `{kind.reason}` |" in text("errors"), kind
    for reason in in_source("api", r'reason="([A-Z_]+)"'):
        assert f"`{reason}`" in text("errors")


def test_the_page_for_clients_tells_of_every_code_and_reason_and_of_no_other(text):
    told = (ROOT / "docs" / "errors.md").read_text() + (ROOT / "docs" / "limits.md").read_text()
    tables = "\n".join(line for line in told.splitlines() if line.startswith("|"))
    pattern = r"`([A-Z]{3,}(?:_[A-Z]+)+|UNAUTHENTICATED|FORBIDDEN)`"

    rows = re.findall(r"^\| (`\w+`) \| (`\w+`)?", text("errors"), re.MULTILINE)
    answered = set(re.findall(pattern, str(rows)))
    named = set(re.findall(pattern, tables)) - SETTINGS_ON_THESE_PAGES
    assert answered == named


def test_every_check_stands_there_with_a_hint(text):
    # Names of receivers look alike: an id is what is told to somebody.
    ids = in_source("revocation", r"revocation\.[EW]\d{3}") | in_source("api", r"api\.[EW]\d{3}")

    assert {row[0] for row in checks.found()} == ids
    for known_as, message, hint in checks.found():
        assert f"| {known_as} |" in text("checks")
        assert message not in {"", "…"}, known_as
        assert hint not in {"", "…"}, known_as


def test_every_signal_stands_there_and_says_when(text):
    names = [name for name, value in vars(signals).items() if isinstance(value, Signal)]

    assert names
    for name in names:
        [row] = [line for line in text("signals").splitlines() if f"| `{name}` |" in line]
        assert all(cell.strip() for cell in row.strip("|").split("|")), row


def test_every_command_stands_there_with_its_options(text):
    page = text("commands")

    for name, app in get_commands().items():
        assert (f"## {name}\n" in page) == (app in {"api", "revocation"}), name
    for option in in_source("revocation", r'add_argument\(\s*"(--[\w-]+)"'):
        assert f"`{option}" in page


def test_the_schema_is_the_one_that_is_served(text):
    assert str(schema) in text("schema")


def test_the_python_api_has_a_docstring_for_everything(text):
    page = text("api")

    for part in page.split("\n### ")[1:]:
        heading, _, below = re.split("^#", part, maxsplit=1, flags=re.MULTILINE)[0].partition("\n")
        assert re.sub(r"```.*?```", "", below, flags=re.DOTALL).strip(), heading
    for name in api.PUBLIC:
        assert f"## {name}\n" in page
