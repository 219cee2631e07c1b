"""Claims that a project adds to access tokens, by a `JWT_PAYLOAD_HANDLER` of its own."""

from contextvars import ContextVar
from typing import Any

from django.utils.module_loading import import_string
from graphql_jwt.settings import DEFAULTS

from .written import has_our_handler, jwt_setting, own_setting

_NAME = "JWT_PAYLOAD_HANDLER"
# What decides about a token, here or for whoever else reads it, is not the project's to say.
_OURS = frozenset({"aud", "exp", "gen", "iat", "iss", "jti", "nbf", "origIat", "sid", "sub"})
_OURS_WITH_LISTS = _OURS | {"status"}

_is_asking: ContextVar[bool] = ContextVar("revocation_is_asking_for_claims", default=False)


def added_claims(user: Any) -> dict[str, Any]:
    """Return what the project's handler says beyond what a token of `user` says anyway.

    It is called without a context, as `graphql_jwt.shortcuts.get_token` calls it.
    """
    handler = jwt_setting(_NAME)
    if handler == DEFAULTS[_NAME] or has_our_handler(_NAME):
        return {}
    ask = import_string(handler) if isinstance(handler, str) else handler
    token = _is_asking.set(True)
    try:
        said = ask(user, None)
    finally:
        _is_asking.reset(token)
    ours = _OURS if own_setting("STATUS_LIST_URL") is None else _OURS_WITH_LISTS
    return {name: said[name] for name in said if name not in {*ours, user.USERNAME_FIELD}}


def is_asking() -> bool:
    """Whether a handler is only asked for its own claims, and is to open no session."""
    return _is_asking.get()
