"""The Python API: signatures and docstrings of what projects import."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from types import ModuleType
from typing import Any

from .markdown import code

TITLE = "Python API"
LEAD = "What a project may import. Names that are not here may change without notice."
# In the order in which one meets them.
PUBLIC = {
    "revocation": ("sign_in",),
    "revocation.decorators": (),
    "revocation.guard": ("Identity", "identify"),
    "revocation.sessions": ("end_all", "end_by_id", "live_sessions", "open_session", "purge"),
    "revocation.attempts": ("proving",),
    "revocation.protection": ("ensure_decided",),
    "revocation.errors": ("RevocationError",),
    "revocation.stores": ("Store",),
    "revocation.backends": (),
    "revocation.admin": ("LoggingOutAdmin",),
    "revocation.contrib.rest_framework": (),
    "revocation.testing": (),
}


def page() -> str:
    return "\n\n".join(_of_module(name, wanted) for name, wanted in PUBLIC.items())


def _of_module(name: str, wanted: tuple[str, ...]) -> str:
    module = import_module(name)
    told = _told_below(module)
    parts = [f"## {name}", inspect.getdoc(module) or ""]
    for key, value in _members(module, wanted):
        parts += [f"### {name}.{key}", *_of_member(key, value, told.get(key))]
    return "\n\n".join(part for part in parts if part)


def _members(module: ModuleType, wanted: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield what is wanted, or else what the module offers: `__all__`, or what it defines."""
    names = wanted or getattr(module, "__all__", ())
    for key in names or vars(module):
        value = getattr(module, key)
        is_own = getattr(value, "__module__", "") == module.__name__
        if key in names or (is_own and not key.startswith("_") and callable(value)):
            yield key, value


def _told_below(module: ModuleType) -> dict[str, str]:
    """Return what stands, as a text, below the assignments of a module."""
    body = ast.parse(inspect.getsource(module)).body
    return {
        ast.unparse(above.targets[0]): below.value.value
        for above, below in pairwise(body)
        if isinstance(above, ast.Assign)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
    }


def _of_member(name: str, value: Any, told: str | None) -> Iterator[str]:
    yield _python(name, value)
    yield told or inspect.getdoc(value) or ""
    for key, method in vars(value).items() if inspect.isclass(value) else ():
        if not key.startswith("_") and inspect.isfunction(method) and method.__doc__:
            yield f"#### {code(key)}"
            yield _python(key, method)
            yield inspect.getdoc(method) or ""


def _python(name: str, value: Any) -> str:
    """Return a signature, without the modules of what it names."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    if any(parameter.startswith("_") for parameter in signature.parameters):
        # Made by us, never by a project.
        return ""
    text = re.sub(r"<class '([\w.]+)'>", r"\1", str(signature))
    return f"```python\n{name}{re.sub(r'(?:[a-z_]+[.])+(?=[A-Z])', '', text)}\n```"
