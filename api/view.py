"""The GraphQL endpoint: one request in, one answer in GraphQL JSON out, whatever happens."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from graphene import Schema
from graphene_django.utils.utils import set_rollback
from graphql import OperationType

from revocation.conf import conf
from revocation.protection import ensure_decided
from revocation.written import own_setting

from . import graphiql
from .cross_site import ensure_not_forgeable
from .documents import Documents, Operation, may_be_named
from .errors import Refusal, bad_request, internal_error, refusal
from .execution import execute
from .limits import exceeded, limits
from .negotiation import JSON, preferred
from .parameters import Parameters, discard_body, parameters, read_body, read_url
from .persisted import PersistedQueries
from .responses import Answer, encoded, is_refused_whole, respond, respond_refused

METHODS = "GET, POST"


class Prepared(NamedTuple):
    """An operation that may be executed, and the variables for it."""

    operation: Operation
    variables: dict[str, Any] | None


class GraphQLView:
    """Serves a schema over HTTP; `info.context` is the `HttpRequest`.

    Django's `ATOMIC_REQUESTS` and graphene-django's `ATOMIC_MUTATIONS` act as they do with
    graphene-django's own view.
    """

    # Only JSON bodies execute, and no page of another site can send one unasked.
    csrf_exempt = True

    def __init__(self, schema: Schema) -> None:
        self._schema = schema.graphql_schema
        # Not of `conf`: what that refuses is for `manage.py check` to say, which comes by here.
        if own_setting("DEFAULT_DENY"):
            # A WSGI server runs no checks.
            ensure_decided(self._schema)
        self._documents = Documents(self._schema)
        self._persisted = PersistedQueries(self._documents)
        # A limit that does not exist is an error at start, not at the first request.
        limits()

    @classmethod
    def as_view(cls, schema: Schema) -> Callable[[HttpRequest], HttpResponse]:
        """Return one as a function: of any other callable Django asks much before each call."""
        view = cls(schema)

        def graphql(request: HttpRequest) -> HttpResponse:
            return view(request)

        graphql.csrf_exempt = cls.csrf_exempt  # type: ignore[attr-defined]
        return graphql

    def __call__(self, request: HttpRequest) -> HttpResponse:
        media_type = preferred(request.META.get("HTTP_ACCEPT"))
        try:
            return self._respond(request, media_type)
        except Refusal as refused:
            discard_body(request)
            return respond_refused(refused, media_type or JSON)
        except Exception as error:  # noqa: BLE001  Django would answer with an HTML page.
            return respond(_failed(error, request), media_type or JSON, status=500)

    def _respond(self, request: HttpRequest, media_type: str | None) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, content_type=JSON, headers={"Allow": METHODS})
        if request.method not in {"GET", "POST"}:
            raise _method_refused("GraphQL is asked by GET or POST.", allow=METHODS)
        if request.method == "GET" and graphiql.is_wanted(request):
            return graphiql.page()
        if media_type is None:
            raise bad_request("Answers are JSON, which the Accept header excludes.", status=406)
        ensure_not_forgeable(request)
        answer = self._answer(request)
        is_unauthorized = conf().strict_401 and is_refused_whole(answer)
        status = 401 if is_unauthorized else 200
        try:
            return respond(answer, media_type, status=status)
        except Exception:
            if not isinstance(answer, list):
                raise
            return respond([_told(one, request) for one in answer], media_type, status=status)

    def _answer(self, request: HttpRequest) -> Answer | list[Answer]:
        sent = read_body(request) if request.method == "POST" else read_url(request)
        if isinstance(sent, list):
            return self._answer_batch(sent, request)
        prepared = self._prepare(sent, request)
        return self._execute(prepared, _repeated([prepared]), request)

    def _answer_batch(self, batch: list[Any], request: HttpRequest) -> list[Answer]:
        """Answer each entry by itself, in order: one that is refused leaves the others whole."""

        def attempt(step: Callable[..., Any], *arguments: Any) -> Any:
            try:
                return step(*arguments, request)
            except Refusal as refused:
                return {"errors": refused.formatted}
            except Exception as error:  # noqa: BLE001  The other entries go on.
                return _failed(error, request)

        entries = [
            attempt(lambda sent, request: self._prepare(parameters(sent), request), sent)
            for sent in batch
        ]
        repeated = _repeated([entry for entry in entries if isinstance(entry, Prepared)])
        return [
            attempt(self._execute, entry, repeated) if isinstance(entry, Prepared) else entry
            for entry in entries
        ]

    def _prepare(self, sent: Parameters, request: HttpRequest) -> Prepared:
        text = sent.query or self._persisted.text(sent.hash or "")
        operation = self._documents.operation(text, sent.operation_name)
        if sent.query and sent.hash and may_be_named(sent.query, operation.document):
            self._persisted.keep(sent.hash, sent.query)
        if request.method == "GET" and operation.type is not OperationType.QUERY:
            message = f"A {operation.type.value} must be sent by POST."
            raise _method_refused(message, allow="POST")
        return Prepared(operation, sent.variables)

    def _execute(self, prepared: Prepared, repeated: set[str], request: HttpRequest) -> Answer:
        for name in repeated & prepared.operation.root_fields.keys():
            raise exceeded(f"{name} in a request", 1, reason="ONE_PER_REQUEST")
        return execute(self._schema, prepared.operation, prepared.variables, request)


def _repeated(prepared: list[Prepared]) -> set[str]:
    """Return the fields among `LIMITS["ONCE"]` that these would execute more than once."""
    if len(prepared) == 1 and not prepared[0].operation.is_repeating:
        return set()
    fields = sum((entry.operation.root_fields for entry in prepared), Counter())
    return {name for name in limits().once if fields.get(name, 0) > 1}


def _told(answer: Answer, request: HttpRequest) -> Answer:
    """Return the answer to an entry of a batch, or that it failed where JSON cannot say it."""
    try:
        encoded(answer)
    except Exception as error:  # noqa: BLE001  The other entries go on.
        return _failed(error, request)
    return answer


def _failed(error: Exception, request: HttpRequest) -> Answer:
    set_rollback()
    return {"errors": [internal_error(error, where=request.path)]}


def _method_refused(message: str, *, allow: str) -> Refusal:
    return refusal(message, "BAD_REQUEST", status=405, headers={"Allow": allow})
