"""The bill of materials: valid, complete, and telling nothing of the machine it was made on."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from publish.sbom import locked
from tests.docs.examples import ROOT

LOCK = (ROOT / "requirements" / "run.txt").read_text()


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    target = tmp_path_factory.mktemp("sbom") / "sbom.json"
    command = [sys.executable, "-W", "error", "-m", "publish.sbom", str(target)]
    subprocess.run(command, cwd=ROOT, check=True)
    return target.read_text()


@pytest.fixture(scope="module")
def bill(text):
    return json.loads(text)


@pytest.fixture(scope="module")
def parts(bill):
    return {part["name"]: part for part in bill["components"]}


def scope(part):
    [found] = [each["value"] for each in part["properties"] if each["name"] == "revocation:scope"]
    return found


def test_it_is_cyclonedx(bill, text):
    assert bill["specVersion"] == "1.6"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_it_names_what_is_locked_and_nothing_else(parts):
    names = re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, re.MULTILINE)

    assert len(names) > 20
    assert {(part["name"], part["version"]) for part in parts.values()} == set(names)


def test_each_part_can_be_found_and_recognised(parts):
    for name, part in parts.items():
        assert part["purl"] == f"pkg:pypi/{name}@{part['version']}"
        block = re.search(rf"^{re.escape(name)}==.*(?:\n    .*)*", LOCK, re.MULTILINE)[0]
        digests = re.findall(r"sha256:([0-9a-f]{64})", block)
        assert sorted(each["content"] for each in part["hashes"]) == sorted(digests)


def test_licences_are_told_of_what_is_installed(parts):
    """A package for another Python or another machine is not here to say."""
    without = {name for name, part in parts.items() if "licenses" not in part}

    for name in without:
        assert re.search(rf"^{re.escape(name)}==\S+ ;", LOCK, re.MULTILINE), name
    assert parts["django"]["licenses"][0]["license"]["id"] == "BSD-3-Clause"


def test_it_tells_what_the_package_alone_needs(parts):
    for name in ("django", "graphene", "graphene-django", "django-graphql-jwt", "pyjwt", "cffi"):
        assert scope(parts[name]) == "package", name
    for name in ("granian", "psycopg", "redis", "whitenoise", "orjson"):
        assert scope(parts[name]) == "api", name


def test_it_tells_what_needs_what(bill):
    below = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}

    [django] = [ref for ref in below if ref.startswith("django==")]
    assert {ref.partition("==")[0] for ref in below[django]} == {"asgiref", "sqlparse"}
    assert len(below["django-graphql-revocation"]) == len(bill["components"])


def test_it_is_about_this_release(bill):
    from revocation import __version__

    about = bill["metadata"]["component"]
    assert (about["name"], about["version"]) == ("django-graphql-revocation", __version__)
    assert about["licenses"][0]["license"]["id"] == "MIT"


def test_it_tells_nothing_of_this_machine(text):
    told = re.sub(r'"\$schema": "[^"]+"', "", text)

    for secret in (str(ROOT), str(Path.home()), f'"{socket.gethostname()}', "file://", "simple/"):
        assert secret not in told
    assert not re.search(r'"(/|[A-Z]:\\)', told)


@pytest.mark.parametrize("line", ["Django>=5", "django==5.2", "-e .", "django==5.2 --hash=md5:0"])
def test_a_line_that_locks_nothing_is_refused(tmp_path, line):
    lock = tmp_path / "run.txt"
    lock.write_text(f"{line}\n")

    with pytest.raises(ValueError, match="no package with its hashes"):
        list(locked(lock))
