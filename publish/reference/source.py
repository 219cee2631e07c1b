"""What can only be read from the source: calls, comments, and texts with holes in them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def modules(package: str) -> dict[str, ast.Module]:
    """Return every module of a package, but for migrations, by its path."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    }


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node


def name_of(call: ast.Call) -> str:
    """Return what is called: `Error` for both `Error(…)` and `checks.Error(…)`."""
    return ast.unparse(call.func).rpartition(".")[2]


def argument(call: ast.Call, name: str, position: int) -> ast.expr | None:
    """Return an argument, however it was passed."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if position < len(call.args) else None


def text_of(node: ast.expr | None, names: dict[str, str] | None = None) -> str:
    """Return a text as it is written, with `…` for what only running it would tell."""
    if isinstance(node, ast.BinOp):
        node = ast.JoinedStr([node.left, node.right])
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.FormattedValue(value=inner):
            return text_of(inner, names)
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part, names) for part in parts)
        case ast.IfExp(body=one, orelse=other):
            return f"{text_of(one, names)} / {text_of(other, names)}"
        case ast.Name(id=name) if names and name in names:
            return names[name]
    return "…"


def constants(tree: ast.Module) -> dict[str, str]:
    """Return the texts that a module gives names to."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = text_of(node.value, found)
            if isinstance(node.value, ast.Constant | ast.JoinedStr | ast.BinOp) and text != "…":
                found[node.targets[0].id] = text
    return found
