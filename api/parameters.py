"""What a client sent, read strictly: `query`, `variables`, `operationName` and `extensions`.

Nothing is guessed: a body that is no JSON, or a parameter of the wrong type, is refused (GraphQL
over HTTP, "Request Parameters"). Where JSON names a key twice, the last one counts.
"""

from contextlib import suppress
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.request import RawPostDataException

from .errors import bad_request
from .limits import BYTES_PER_MEGABYTE, Limits, exceeded, limits
from .negotiation import has_json_body
from .persisted import ensure_hash_of, persisted_hash

_CHUNK = 64 * 1024
_MOST_DISCARDED = 64 * BYTES_PER_MEGABYTE


class Parameters(NamedTuple):
    """One GraphQL request."""

    # The text, or None where it is named by `hash` alone.
    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    # The SHA-256 under which a persisted query is kept, verified where the text came with it.
    hash: str | None


def read_body(request: HttpRequest) -> Parameters | list[Any]:
    """Return what the JSON body of a POST asks for; the unread entries, for a batch.

    The URL has no say: a form of another site can write it. Raises `Refusal`.
    """
    if not has_json_body(request):
        raise bad_request("Send a body of Content-Type application/json, in UTF-8.", status=415)
    allowed = limits()
    try:
        sent = orjson.loads(_body(request, allowed))
    except orjson.JSONDecodeError:
        raise bad_request("The body is not valid JSON.") from None
    if isinstance(sent, list):
        _ensure_batch_size(len(sent), allowed)
        return sent
    return parameters(sent)


def read_url(request: HttpRequest) -> Parameters:
    """Return what the URL of a GET asks for. Raises `Refusal`."""
    try:
        sent: dict[str, Any] = request.GET.dict()
    except SuspiciousOperation:
        raise bad_request("The URL has too many parameters.") from None
    for name in ("variables", "extensions"):
        if name in sent:
            sent[name] = _json(sent[name], name)
    return parameters(sent)


def discard_body(request: HttpRequest) -> None:
    """Read a body on without keeping it: who is still sending does not listen for the answer."""
    with suppress(OSError, RawPostDataException):
        for _ in range(0, _MOST_DISCARDED, _CHUNK):
            if not request.read(_CHUNK):
                return


def parameters(sent: Any) -> Parameters:
    """Return one request read from JSON. Raises `Refusal`."""
    if not isinstance(sent, dict):
        raise bad_request("A GraphQL request must be a JSON object.")
    query, name = sent.get("query"), sent.get("operationName")
    variables, extensions = sent.get("variables"), sent.get("extensions")
    if query is not None and not isinstance(query, str):
        raise bad_request('"query" must be a string.')
    if name is not None and not isinstance(name, str):
        raise bad_request('"operationName" must be a string.')
    if variables is not None and not isinstance(variables, dict):
        raise bad_request('"variables" must be an object.')
    if extensions is not None and not isinstance(extensions, dict):
        raise bad_request('"extensions" must be an object.')
    digest = persisted_hash(extensions) if extensions else None
    if not query and digest is None:
        raise bad_request('A GraphQL request must have a "query".')
    if query and digest is not None:
        ensure_hash_of(query, digest)
    return Parameters(query or None, variables, name or None, digest)


def _body(request: HttpRequest, allowed: Limits) -> bytes:
    try:
        declared = int(request.META.get("CONTENT_LENGTH") or 0)
        body = _read(request, allowed) if declared <= allowed.body_bytes else None
    except (OSError, ValueError):
        raise bad_request("The body could not be read.") from None
    if body is None or len(body) > allowed.body_bytes:
        # 413 in either media type (RFC 9110, 15.5.14): nobody looks into the body.
        raise exceeded("Body bytes", allowed.body_bytes, reason="BODY_TOO_LARGE", status=413)
    if not body and "HTTP_TRANSFER_ENCODING" in request.META:
        # WSGI reads as many bytes as Content-Length says, hence none (RFC 9110, 15.5.12).
        raise bad_request("Send the body with a Content-Length, not in chunks.", status=411)
    return body


def _read(request: HttpRequest, allowed: Limits) -> bytes:
    # Not `request.body`, whose own limit is for forms and lower. It has it from here all the same.
    request._body = body = request.read(allowed.body_bytes + 1)  # type: ignore[attr-defined]
    return body


def _ensure_batch_size(size: int, allowed: Limits) -> None:
    if not size:
        raise bad_request("A batch must have at least one entry.")
    if size > allowed.batch:
        raise exceeded("Batch entries", allowed.batch, reason="BATCH_TOO_LARGE", status=400)


def _json(text: str, name: str) -> Any:
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        raise bad_request(f'"{name}" is not valid JSON.') from None
