"""Every system check, found where it is written."""

import ast
import re
from collections.abc import Iterator

from .markdown import table
from .source import argument, calls, constants, modules, name_of, text_of

TITLE = "System checks"
LEAD = (
    "What `manage.py check` says, and what to do. Some ask only with `--deploy` or `--database "
    "default`. An E is unsafe wherever it is found, and fails the command; a W fails it with "
    "`--fail-level WARNING`. Servers ask nothing of it: they refuse by themselves what would let a "
    "dead token live. Those of `api` are of the deployable API, whose hints are lines for the "
    "environment."
)
ID = re.compile(r"(revocation|api)\.[EW]\d{3}")
# Where the id, the message and the hint stand.
KINDS = {"Problem": (0, 1, 2), "Error": (9, 0, 1), "Warning": (9, 0, 1)}


def page() -> str:
    rows = sorted(set(found()), key=lambda row: (row[0][:3] == "api", row[0]))
    return table(("id", "what it says", "hint"), rows)


def found() -> Iterator[tuple[str, str, str]]:
    """Yield id, message and hint of each; `…` stands for what depends on the project."""
    trees = [*modules("revocation").values(), *modules("api").values()]
    everywhere = {name: text for tree in trees for name, text in constants(tree).items()}
    for tree in trees:
        names = everywhere | constants(tree)
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for given in _given(function, tree, names):
                yield from _of(function, given)
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef):
                yield from _of(node, names)


def _of(part: ast.AST, names: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for call in calls(part):
        at_id, at_message, at_hint = KINDS.get(name_of(call), (9, 9, 9))
        known_as = text_of(argument(call, "id", at_id), names)
        if ID.fullmatch(known_as):
            message = argument(call, "msg", at_message)
            hint = argument(call, "hint", at_hint)
            yield known_as, text_of(message, names), text_of(hint, names)


def _given(
    function: ast.FunctionDef, tree: ast.Module, names: dict[str, str]
) -> Iterator[dict[str, str]]:
    """Yield what names mean inside a function: once, or for each call that tells it an id."""
    local = names | _alternatives(function, names)
    parameters = [parameter.arg for parameter in function.args.args]
    told = [
        local
        | {name: text_of(value, names) for name, value in zip(parameters, call.args, strict=False)}
        for call in calls(tree)
        if name_of(call) == function.name
        and any(ID.fullmatch(text_of(value)) for value in call.args)
    ]
    yield from told or [local]


def _alternatives(function: ast.FunctionDef, names: dict[str, str]) -> dict[str, str]:
    """Return the texts that the names of a function stand for, one or the other."""
    texts: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        for name, text in pairs:
            if isinstance(name, ast.Name):
                texts.setdefault(name.id, []).append(text_of(text, names))
    return {name: " / ".join(each) for name, each in texts.items() if "…" not in each}
