"""Every code and reason: those of the app from their classes, those of the endpoint as raised."""

import ast
from collections.abc import Iterator

from revocation import errors

from .markdown import code, table
from .source import argument, calls, modules, name_of, text_of

TITLE = "Error codes"
LEAD = "Every `code` and `reason`, and when it is answered."
# How `api/` refuses, and where the code and the reason stand in the call.
REFUSALS = {"refusal": (1, 9), "_restated": (9, 9), "exceeded": (9, 9)}
CODE_OF = {"bad_request": "BAD_REQUEST"}
LIMIT = "exceeded"


def page() -> str:
    own = table(("code", "reason", "class", "meaning", "message"), map(_of_class, _classes()))
    found: dict[tuple[str, str], set[str]] = {}
    for answer, reason, path in _of_endpoint():
        found.setdefault((answer, reason), set()).add(path)
    rows = [(*words, ", ".join(sorted(paths))) for words, paths in sorted(found.items())]
    ours = table(("code", "reason", "raised by"), rows)
    more = "What a client should do: [errors and codes](../errors.md)."
    return f"{more}\n\n## Of the app\n\n{own}\n\n## Of the endpoint\n\n{ours}"


def _classes() -> list[type[errors.RevocationError]]:
    """Return every refusal that has a reason, in the order of the module."""
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [
        kind
        for kind in found
        if issubclass(kind, errors.RevocationError) and hasattr(kind, "reason")
    ]


def _of_class(kind: type[errors.RevocationError]) -> tuple[str, ...]:
    meaning = (kind.__doc__ or "").strip()
    message = getattr(kind, "message", "")
    return code(kind.code), code(kind.reason), code(kind.__name__), meaning, message


def _of_endpoint() -> Iterator[tuple[str, str, str]]:
    for path, tree in modules("api").items():
        for call in calls(tree):
            yield from _of_call(call, path)
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                yield from _of_extensions(node, path)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
                yield code(text_of(node.value)), "", code(path)


def _of_call(call: ast.Call, path: str) -> Iterator[tuple[str, str, str]]:
    kind = name_of(call)
    at_code, at_reason = REFUSALS.get(kind, (9, 9))
    found = "LIMIT_EXCEEDED" if kind == LIMIT else CODE_OF.get(kind)
    found = found or text_of(argument(call, "code", at_code))
    reason = text_of(argument(call, "reason", at_reason))
    # Each of the limits has a reason of its own.
    is_whole = kind in REFUSALS and (found != "LIMIT_EXCEEDED" or reason.isupper())
    if (is_whole or kind in CODE_OF) and found.isupper():
        yield code(found), code(reason) if reason.isupper() else "", code(path)


def _of_extensions(written: ast.Dict, path: str) -> Iterator[tuple[str, str, str]]:
    pairs = {
        text_of(key): text_of(value)
        for key, value in zip(written.keys, written.values, strict=True)
    }
    if pairs.get("code", "").isupper():
        yield code(pairs["code"]), code(pairs["reason"]) if "reason" in pairs else "", code(path)
