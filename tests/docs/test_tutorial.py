"""docs/tutorial.md, word by word: pasted in order, in a copy of the code it tells to change."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing, suppress

import pytest

from tests.docs.examples import DOCS, ROOT, examples
from tests.docs.shell import Shell
from tests.waiting import wait_until
from tests.wire import Http

PAGE = "tutorial.md"
FIRST, SECOND, THIRD = (
    "Five minutes to a revoked token",
    "Protect your first field",
    "Log out everywhere",
)


class Clone:
    """A copy of what serves, in a folder of its own, with this environment as its own."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("api", "revocation", "schema"):
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        shutil.copy(ROOT / "manage.py", folder)
        (folder / ".venv").symlink_to(sys.prefix)
        self._process = None

    @property
    def environ(self):
        return {"PATH": os.environ["PATH"], "DJANGO_DEBUG": "true"}

    def make_run(self):
        """Start as `make run` does, once everything is installed, on a free port."""
        log = self.folder / "log"
        command = [sys.executable, "manage.py", "serve", "--prepare", "--port", "0"]
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                [*command, "--workers", "1"],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        found = wait_until(
            lambda: re.search(r"http://127\.0\.0\.1:(\d+)/graphql .*\n", log.read_text()),
            else_say=log.read_text,
        )
        # Said before the workers have begun to listen.
        wait_until(lambda: is_answering(int(found[1])), else_say=log.read_text)
        return found[1]

    def stop(self):
        self._process.terminate()
        self._process.wait()


def is_answering(port):
    with closing(Http(port, keep_alive=False)) as http, suppress(OSError):
        return http.get("/health/live", {}, headers={}).status_code == 200


@pytest.fixture
def clone(tmp_path):
    clone = Clone(tmp_path)
    yield clone
    clone.stop()


def test_it_goes_as_it_says(clone):
    text = (ROOT / "Makefile").read_text()
    assert "manage.py serve --prepare" in text.partition("\nrun: ##")[2].partition("\n\n")[0]

    start, sign_in, log_out = examples(PAGE, FIRST, language="sh")
    assert start == "make run\n"
    port = clone.make_run()
    with Shell(clone.folder, clone.environ) as shell:
        assert ":8000/" in sign_in
        shell.paste(sign_in.replace(":8000/", f":{port}/"))
        shell.paste(log_out)

        [field] = examples(PAGE, SECOND)
        add(field, clone.folder / "schema" / "query.py")
        clone.stop()
        shell.run(f"API=http://127.0.0.1:{clone.make_run()}/graphql")
        for block in examples(PAGE, SECOND, language="sh"):
            shell.paste(block)

        for block in examples(PAGE, THIRD, language="sh"):
            shell.paste(block)


def add(example, path):
    """Put what stands below the comment to the end of the class, the last one of the module."""
    source = path.read_text()
    heading, _, field = example.partition("    # What is there already stays; this comes below.\n")
    assert field
    assert source.rpartition("\nclass ")[2].startswith(heading.removeprefix("class "))
    path.write_text(f"{source}\n{field}")


def test_its_parts_are_those_above():
    headings = re.findall(r"^## (.+)$", (DOCS / PAGE).read_text(), re.MULTILINE)

    assert headings == [FIRST, SECOND, THIRD, "Where to go from here"]
