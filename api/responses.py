"""From an answer to HTTP: media type, status and headers (GraphQL over HTTP, "Response")."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

from .errors import FormattedError, Refusal
from .negotiation import GRAPHQL

Answer = dict[str, Any]

HEADERS: Mapping[str, str] = {
    # Answers carry tokens or depend on them, and errors must not outlive their cause.
    "Cache-Control": "no-store",
    "Vary": "Accept, Authorization",
}


def respond(
    answer: Answer | list[Answer],
    media_type: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an answer, or those of a batch, in `media_type`."""
    content_type = f"{media_type}; charset=utf-8"
    response = HttpResponse(_encode(answer), content_type, status, headers=HEADERS)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    challenge = _challenge(_errors(answer))
    if challenge:
        response.headers["WWW-Authenticate"] = challenge
    return response


def respond_refused(refused: Refusal, media_type: str) -> HttpResponse:
    """Return the answer to a request that was not executed.

    Clients that accept the older `application/json` alone read no body that comes with another
    status than 200; a request that is no GraphQL at all has a status of its own in both.
    """
    status = refused.status or (400 if media_type == GRAPHQL else 200)
    answer = {"errors": refused.formatted}
    return respond(answer, media_type, status=status, headers=refused.headers)


def _encode(answer: Answer | list[Answer]) -> bytes:
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:
        # Integers above 64 bits, lone surrogates, nesting above 254, lazy translations.
        return json.dumps(answer, cls=DjangoJSONEncoder).encode()


def _errors(answer: Answer | list[Answer]) -> Iterator[FormattedError]:
    for one in answer if isinstance(answer, list) else (answer,):
        yield from one.get("errors", ())


def _challenge(errors: Iterator[FormattedError]) -> str | None:
    """Return `WWW-Authenticate`: an error code only where a token was presented (RFC 6750, 3.1)."""
    refusals = [e["extensions"] for e in errors if e["extensions"]["code"] == "UNAUTHENTICATED"]
    if not refusals:
        return None
    if all(extensions.get("reason") == "TOKEN_MISSING" for extensions in refusals):
        return "Bearer"
    return 'Bearer error="invalid_token"'
