"""What a client may read about a failure, and nothing else.

Everything that is not meant for clients becomes "Internal server error" with an `errorId`, under
which the log has the exception. No value that a client sent is repeated, to it or to the log: it
may be a password in the wrong place.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.http import Http404
from graphql import GraphQLError, GraphQLSyntaxError
from graphql_jwt import exceptions as graphql_jwt

from revocation.errors import RevocationError

logger = logging.getLogger(__name__)

FormattedError = dict[str, Any]

# The first class that fits decides: subclasses come before their bases.
_TRANSLATIONS: tuple[tuple[type[Exception], str, str], ...] = (
    (graphql_jwt.JSONWebTokenExpired, "UNAUTHENTICATED", "TOKEN_EXPIRED"),
    (graphql_jwt.PermissionDenied, "FORBIDDEN", "PERMISSION_DENIED"),
    (graphql_jwt.JSONWebTokenError, "UNAUTHENTICATED", "TOKEN_INVALID"),
    (PermissionDenied, "FORBIDDEN", "PERMISSION_DENIED"),
    (Http404, "NOT_FOUND", "NOT_FOUND"),
)
# Their own text is for developers: it names models, fields and paths.
_SENTENCES: Mapping[type[Exception], str] = {
    PermissionDenied: "You do not have permission to perform this action",
    Http404: "Not found",
}
# GraphQLErrors from there complain about what our resolvers returned, and quote it.
_LIBRARIES = ("graphql.", "graphene.")
_ARGUMENTS = "graphql.execution.values"

_TOKEN_TEXT = re.compile(r"\b(Name|String|BlockString|Int|Float) '.*'", re.DOTALL)
_ESCAPE_TEXT = re.compile(r"(escape sequence): .*", re.DOTALL)


class Refusal(Exception):
    """A request, or one entry of a batch, that is not executed.

    `status` is None where it depends on the media type of the answer (see `api.responses`).
    """

    def __init__(
        self,
        *errors: GraphQLError,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(*errors)
        self.errors = errors
        self.status = status
        self.headers = headers or {}

    @property
    def formatted(self) -> list[FormattedError]:
        return [dict(error.formatted) for error in self.errors]


def refusal(
    message: str,
    code: str,
    *,
    reason: str | None = None,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    """Return a refusal for one reason, in one sentence."""
    extensions = {"code": code} if reason is None else {"code": code, "reason": reason}
    return Refusal(GraphQLError(message, extensions=extensions), status=status, headers=headers)


def bad_request(message: str, *, status: int = 400) -> Refusal:
    """Return the refusal of a request that is no GraphQL over HTTP, in whatever media type."""
    return refusal(message, "BAD_REQUEST", status=status)


def syntax_refused(error: GraphQLSyntaxError) -> Refusal:
    """Tell what was expected and where; what was found there may be half a password."""
    message = _ESCAPE_TEXT.sub(r"\1.", _TOKEN_TEXT.sub(r"\1", error.message))
    return Refusal(_restated(error, message, code="GRAPHQL_PARSE_FAILED"))


def validation_refused(errors: Iterable[GraphQLError]) -> Refusal:
    code = "GRAPHQL_VALIDATION_FAILED"
    return Refusal(*(_restated(error, error.message, code=code) for error in errors))


def variables_refused(errors: Iterable[GraphQLError]) -> Refusal:
    """Name the variables that do not fit, without their values (graphql-core quotes those)."""
    return Refusal(*(_restated(e, _about_variable(e), code="BAD_USER_INPUT") for e in errors))


def format_errors(errors: Iterable[GraphQLError]) -> list[FormattedError]:
    """Return `errors` as the client may read them (GraphQL spec, 7.1.2)."""
    return [_format(error) for error in errors]


def internal_error(cause: Exception | None, *, where: str) -> FormattedError:
    """Log `cause` with its traceback, and return the error that refers to that log line.

    Without a cause, Django has logged it just before.
    """
    error_id = str(uuid4())
    logger.error("errorId=%s at=%s error=%s", error_id, where, type(cause).__name__, exc_info=cause)
    extensions = {"code": "INTERNAL_SERVER_ERROR", "errorId": error_id}
    return {"message": "Internal server error", "extensions": extensions}


def _format(error: GraphQLError) -> FormattedError:
    cause = error.original_error or error
    if isinstance(cause, RevocationError):
        told: FormattedError = {"message": str(cause), "extensions": cause.extensions}
    elif isinstance(cause, GraphQLError):
        told = _about_graphql_error(cause) or _mask(error, cause)
    else:
        told = _translated(cause) or _mask(error, cause)
    located = error.formatted
    return told | {key: located[key] for key in ("locations", "path") if key in located}


def _about_graphql_error(cause: GraphQLError) -> FormattedError | None:
    """A resolver raises GraphQLError to say something to the client; the libraries raise it too."""
    module = _raised_in(cause)
    if "code" in cause.extensions:
        return {"message": cause.message, "extensions": cause.extensions}
    if module == _ARGUMENTS:
        message = cause.message.partition(" has invalid value ")[0]
        message = message if message == cause.message else f"{message} has an invalid value."
    elif module.startswith(_LIBRARIES):
        return None
    else:
        message = cause.message
    return {"message": message, "extensions": {"code": "BAD_USER_INPUT", **cause.extensions}}


def _translated(cause: Exception) -> FormattedError | None:
    for kind, code, reason in _TRANSLATIONS:
        if isinstance(cause, kind):
            message = _SENTENCES.get(kind) or str(cause)
            return {"message": message, "extensions": {"code": code, "reason": reason}}
    return None


def _mask(error: GraphQLError, cause: Exception) -> FormattedError:
    return internal_error(cause, where=".".join(str(key) for key in error.path or ()))


def _raised_in(error: BaseException) -> str:
    """Return the name of the module that raised the error."""
    traceback = error.__traceback__
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return str(traceback.tb_frame.f_globals.get("__name__", ""))


def _about_variable(error: GraphQLError) -> str:
    # Without an original error the message was made from names and types alone.
    if error.original_error is None or not error.nodes:
        return error.message
    definition: Any = error.nodes[0]
    return f"Variable '${definition.variable.name.value}' got an invalid value."


def _restated(error: GraphQLError, message: str, *, code: str) -> GraphQLError:
    extensions = {"code": code, **error.extensions}
    return GraphQLError(message, error.nodes, error.source, error.positions, extensions=extensions)
