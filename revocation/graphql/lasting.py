"""What surrounds a verb that writes: its answer must be true when it arrives, and known at once."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from graphql import GraphQLResolveInfo as Info
from graphql_jwt.backends import JSONWebTokenBackend

from .. import guard, journal
from ..conf import conf
from ..errors import RevocationUnavailable
from ..models import primary_database

Verb = Callable[..., Any]

logger = logging.getLogger("revocation")


def lasting(perform: Verb) -> Verb:
    """Refuse a verb whose writes could be undone after the answer, or that not everybody heeds."""

    @wraps(perform)
    def wrapper(cls: Any, root: object, info: Info, **arguments: Any) -> Any:
        _ensure_lasting()
        _ensure_heeded()
        return perform(cls, root, info, **arguments)

    return wrapper


def ending(perform: Verb) -> Verb:
    """As `lasting`, and forget the user whom django-graphql-jwt found by a token.

    Its middleware looks only where nobody is signed in: later fields are to have it look again.
    """

    @lasting
    @wraps(perform)
    def wrapper(cls: Any, root: object, info: Info, **arguments: Any) -> Any:
        result = perform(cls, root, info, **arguments)
        # With our middleware the user is asked for anew by itself.
        if not journal.is_open() and guard.proof_of(getattr(info.context, "user", None)):
            info.context.user = AnonymousUser()
        return result

    return wrapper


def _ensure_lasting() -> None:
    """Raise `RevocationUnavailable` where a transaction may undo what was answered as done.

    That is one around a request without a journal, which makes nothing again afterwards.
    """
    # A test's own transaction is undone when nobody relies on it any more.
    blocks: list[Any] = list(connections[primary_database()].atomic_blocks)
    around = [block for block in blocks if not block._from_testcase]
    if around and not journal.is_open():
        logger.error("A transaction surrounds the request: put RevocationMiddleware in MIDDLEWARE")
        raise RevocationUnavailable


def _ensure_heeded() -> None:
    """Raise `RevocationUnavailable` where django-graphql-jwt decides who a request is, unasked.

    Without our handlers it lets in whatever is signed, ended or not. Our middleware keeps it away.
    """
    if journal.is_open() or conf().is_asked_by_stock_code:
        return
    if any(isinstance(backend, JSONWebTokenBackend) for backend in get_backends()):
        logger.error("JSONWebTokenBackend does not ask what was revoked: see manage.py check")
        raise RevocationUnavailable
