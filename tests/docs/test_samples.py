"""Every sample of every page is in a language, and holds as far as that can be seen at once.

What a page's samples do is tested by itself, where it is worth it: see the other files here, and
those that `APPLIED` names. This file holds for a page that somebody adds tomorrow.
"""

import ast
import json
import re
import subprocess
from importlib import import_module

import pytest
import yaml
from graphql import parse, validate

from revocation.written import GRAPHQL_JWT_DEFAULTS, REVOCATION_DEFAULTS
from schema.root import schema
from tests.docs.commands import Unknown, command_lines, ensure_known, functions_in
from tests.docs.examples import PAGES, ROOT, Sample, page_name, samples

OURS = ("api", "revocation", "schema")
# A diff says something only where it is applied: which test does it.
APPLIED = {"docs/migrating.md": "tests/examples/recipe.py"}
KNOWN = {"REVOCATION": REVOCATION_DEFAULTS, "GRAPHQL_JWT": GRAPHQL_JWT_DEFAULTS}

SAMPLES = [sample for page in PAGES for sample in samples(page)]
DECLARED = re.compile(r"^(?:export )?const (\w+)", re.MULTILINE)
TYPESCRIPT = [sample for sample in SAMPLES if sample.language in {"ts", "tsx"}]
# What pages leave to the reader's own code.
OF_THE_READER = """
declare function show(text: string): void;
declare function SignIn(): import("react").ReactElement;
declare function Home(given: object): import("react").ReactElement;
declare const username: string, password: string;
"""
TSCONFIG = {
    "compilerOptions": {
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "Bundler",
        "lib": ["ES2023", "DOM", "DOM.Iterable"],
        "jsx": "react-jsx",
        "types": [],
        "strict": True,
        "skipLibCheck": True,
        "noEmit": True,
    },
}


def hold_python(sample: Sample) -> None:
    """It compiles, imports what there is, and sets settings that exist."""
    tree = compile(sample.text, str(sample), "exec", ast.PyCF_ONLY_AST)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] in OURS:
            module = import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module}.{alias.name}"
        if isinstance(node, ast.Assign | ast.AugAssign):
            ensure_settings_known(node)


def ensure_settings_known(node: ast.Assign | ast.AugAssign) -> None:
    target = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
    if target in KNOWN and isinstance(node.value, ast.Dict):
        for key in filter(None, node.value.keys):
            assert ast.literal_eval(key) in KNOWN[target], f"{target}: {ast.unparse(key)}"


def hold_shell(sample: Sample) -> None:
    """It is the shell's language, and names programs, targets and options that exist."""
    whole = "".join(each.text for each in samples(sample.page) if each.language == "sh")
    done = subprocess.run(
        ["bash", "-n"], input=sample.text, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    ensure_known(sample.text, functions=functions_in(whole))


def hold_console(sample: Sample) -> None:
    """What stands after the prompt is a command."""
    typed = [line[2:] for line in sample.text.splitlines() if line.startswith("$ ")]
    assert typed
    ensure_known("".join(f"{line}\n" for line in typed))


def hold_graphql(sample: Sample) -> None:
    assert not validate(schema.graphql_schema, parse(sample.text))


def hold_diff(sample: Sample) -> None:
    assert sample.page.name in (ROOT / APPLIED[page_name(sample.page)]).read_text()


HOLDS = {
    "console": hold_console,
    "diff": hold_diff,
    "graphql": hold_graphql,
    "json": lambda sample: json.loads(sample.text),
    "python": hold_python,
    "sh": hold_shell,
    # All of them at once, below.
    "ts": lambda sample: None,
    "tsx": lambda sample: None,
    # No code: a drawing, a table.
    "text": lambda sample: None,
    "yaml": lambda sample: yaml.safe_load(sample.text),
}


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_sample_holds(sample):
    assert sample.language in HOLDS, "Name the language of the sample after its first ```"

    HOLDS[sample.language](sample)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_fence_of_a_page_is_one_of_a_sample(page):
    fences = [line for line in page.read_text().splitlines() if line.lstrip().startswith("```")]

    assert len(fences) == 2 * len(list(samples(page)))


def type_check(folder, *texts):
    """Return what TypeScript says of some modules beside the packages of `web/`."""
    (folder / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    (folder / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (folder / "reader.d.ts").write_text(OF_THE_READER)
    for number, text in enumerate(texts):
        (folder / f"page{number}.tsx").write_text(text)
    compiler = ROOT / "web" / "node_modules" / ".bin" / "tsc"
    done = subprocess.run(
        [compiler, "-p", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def modules_of(page):
    """Yield the blocks of a page as modules: they go on from each other, until one begins anew."""
    text, imports = "", ""
    for sample in filter(lambda sample: sample.page == page, TYPESCRIPT):
        if set(DECLARED.findall(sample.text)) & set(DECLARED.findall(text)):
            yield text
            text = imports
        imports += "".join(re.findall(r"^import .*\n", sample.text, re.MULTILINE))
        text += sample.text
    yield text


def test_typescript_has_the_types_of_our_link_and_of_apollo(tmp_path):
    pages = {sample.page for sample in TYPESCRIPT}

    assert len(pages) > 1
    assert not type_check(tmp_path, *(text for page in pages for text in modules_of(page)))


def test_typescript_that_has_not_is_refused(tmp_path):
    wrong = (
        'import { createAuth } from "django-graphql-revocation-apollo";\ncreateAuth({ url: "/" });'
    )

    assert "'url' does not exist" in type_check(tmp_path, wrong)


class TestWhatIsNotThere:
    @pytest.mark.parametrize(
        "line",
        [
            "make nothing",
            "make run PRT=1",
            "python manage.py revok --all",
            "python manage.py revoke --everybody",
            "python manage.py revoke",
            "docker compose exec api-7 python manage.py migrate",
            "docker compose up --detatch api-1",
            "docker compose exec -T api-1 python manage.py revoke --al",
            "python -m tests.fault",
            "python -m tests.faults --falt x",
            "cd nowhere",
            "npm pack --workspace nobody",
            "TOKEN=$(nobody-knows)",
            "curl -s x | nobody-knows",
        ],
    )
    def test_a_command_is_refused(self, line):
        with pytest.raises(Unknown):
            ensure_known(f"{line}\n")

    def test_words_are_those_of_the_shell(self):
        lines = command_lines("A=1 make run PORT=8001 && curl -s x | sed y > z  # why\n# what\n")

        assert list(lines) == [["make", "run", "PORT=8001"], ["curl", "-s", "x"], ["sed", "y"]]

    @pytest.mark.parametrize(
        "source",
        [
            "from revocation.decorators import nobody",
            'REVOCATION = {"GRACE": 1}',
            'GRAPHQL_JWT |= {"JWT_NOTHING": 1}',
            "def f(:",
        ],
    )
    def test_python_is_refused(self, source):
        sample = Sample(ROOT / "README.md", 1, "python", source)

        with pytest.raises((AssertionError, SyntaxError)):
            hold_python(sample)
