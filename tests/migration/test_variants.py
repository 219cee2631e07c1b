"""The four schemas django-graphql-jwt can make, beside ours: each difference is in the guide.

It is read from the table there, so that it can neither be forgotten nor outlive the difference.
"""

import json
import subprocess
import sys

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema

from tests.live import ROOT

MODES = ("keep-alive", "long-running")
GUIDE = ROOT / "docs" / "migrating.md"
HEADING = "| schema | django-graphql-jwt | revocation | why |"


@pytest.fixture(scope="module")
def variants():
    """What each of the four looks like: the original's lines, and ours."""
    command = [sys.executable, "-m", "tests.migration.variants"]
    processes = {
        mode: subprocess.Popen([*command, mode], stdout=subprocess.PIPE, cwd=ROOT) for mode in MODES
    }
    return {
        f"{form}, {mode}": [lines(printed) for printed in both]
        for mode, process in processes.items()
        for form, both in json.loads(process.communicate(timeout=120)[0]).items()
    }


def lines(printed):
    """Return each field with its arguments and type, in a form in which order does not matter."""
    return {
        f"{kind.name}.{name}{arguments(field)}: {field.type}"
        for kind in build_schema(printed).type_map.values()
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType)
        and not kind.name.startswith("__")
        for name, field in kind.fields.items()
    }


def arguments(field):
    given = sorted(f"{name}: {one.type}" for name, one in getattr(field, "args", {}).items())
    return f"({', '.join(given)})" if given else ""


def explained():
    """Return the rows of the guide's table: for which schemas, theirs, ours."""
    table = GUIDE.read_text().partition(HEADING)[2].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return [
        (schemas, theirs.strip("`"), ours.strip("`"), why) for schemas, theirs, ours, why in rows
    ]


@pytest.mark.parametrize(
    "variant", [f"{form}, {mode}" for mode in MODES for form in ("plain", "relay")]
)
def test_every_difference_is_explained_and_no_other(variants, variant):
    theirs, ours = variants[variant]
    rows = [row for row in explained() if row[0] in {"all", variant, *variant.split(", ")}]

    assert theirs - ours == {row[1] for row in rows if row[1]}
    assert ours - theirs == {row[2] for row in rows if row[2]}


def test_every_explanation_says_why():
    assert explained()
    assert all(why for *_, why in explained())
