"""The variables that the deployable API reads, found where it reads them."""

import ast
from collections.abc import Iterator
from typing import Any

from .markdown import code, table, told_in
from .source import argument, calls, modules, text_of

TITLE = "Environment"
LEAD = "The variables that the deployable API reads. A project of one's own has settings instead."
READERS = {
    "env.str", "env.list", "env.dict", "env.bool", "switch", "seconds", "choice", "origins",
    "networks", "database", "database_from", "os.environ.get",
}  # fmt: skip

# Defaults that depend on another variable.
IN_WORDS = {
    "DEBUG": "on when debugging",
    "not DEBUG": "on unless debugging",
    "DEVELOPMENT_SECRET_KEY": "a secret for development alone",
}


def page() -> str:
    return table(("variable", "default", "told in"), sorted(set(_variables())))


def _variables() -> Iterator[tuple[str, str, str]]:
    for path, tree in modules("api").items():
        readers = READERS - {"database_from"} if path == "api/environment.py" else READERS
        for call in calls(tree):
            name = text_of(argument(call, "name", 0))
            if ast.unparse(call.func) in readers and name.isupper():
                yield code(name), _default(call), told_in(name)
    yield code("DATABASE_URL"), "SQLite in the project's folder", told_in("DATABASE_URL")


def _default(call: ast.Call) -> str:
    choices = argument(call, "of", 9)
    if choices is not None:
        return code(ast.literal_eval(choices)[0])
    default = argument(call, "default", 1)
    if default is None:
        return "none"
    if isinstance(default, ast.Constant | ast.List | ast.Dict):
        return _written(ast.literal_eval(default))
    return IN_WORDS[ast.unparse(default)]


def _written(value: Any) -> str:
    """Return a default as it would stand in the environment."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        value = ",".join(value)
    return code(value) if value not in ("", {}) else "none"
