"""From an answer to HTTP: media type, status and headers (GraphQL over HTTP, "Response")."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

from .errors import FormattedError, Refusal
from .headers import ReadyHeaders
from .negotiation import GRAPHQL

Answer = dict[str, Any]

HEADERS = ReadyHeaders(
    {
        # Answers carry tokens or depend on them, and errors must not outlive their cause.
        "Cache-Control": "no-store",
        # Should a browser be made to show an answer, it runs nothing in it and frames it nowhere.
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Vary": "Accept, Authorization",
    }
)


def respond(
    answer: Answer | list[Answer],
    media_type: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an answer, or those of a batch, in `media_type`."""
    content_type = f"{media_type}; charset=utf-8"
    response = HttpResponse(encoded(answer), content_type, status, headers=headers)
    HEADERS.add_to(response)
    if errors := list(_errors(answer)):
        _tell_of(errors, response)
    return response


def encoded(answer: Answer | list[Answer]) -> bytes:
    """Return the JSON of an answer. Raises something where there is none for a value."""
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:
        # Integers above 64 bits, lone surrogates, nesting above 254, lazy translations.
        return json.dumps(answer, cls=DjangoJSONEncoder).encode()


def is_refused_whole(answer: Answer | list[Answer]) -> bool:
    """Whether nothing was executed, and only for want of a good access token."""
    return all(map(_is_refused, answer if isinstance(answer, list) else [answer]))


def respond_refused(refused: Refusal, media_type: str) -> HttpResponse:
    """Return the answer to a request that was not executed.

    Clients that accept the older `application/json` alone read no body that comes with another
    status than 200; a request that is no GraphQL at all has a status of its own in both.
    """
    status = refused.status or (400 if media_type == GRAPHQL else 200)
    answer = {"errors": refused.formatted}
    return respond(answer, media_type, status=status, headers=refused.headers)


def _tell_of(errors: list[FormattedError], response: HttpResponse) -> None:
    if challenge := _challenge(errors):
        response.headers["WWW-Authenticate"] = challenge
    if wait := _longest_wait(errors):
        response.headers["Retry-After"] = str(wait)


def _is_refused(answer: Answer) -> bool:
    errors = answer.get("errors", [])
    codes = {error["extensions"]["code"] for error in errors}
    refused = {error["path"][0] for error in errors if error.get("path")}
    data = answer.get("data") or {}
    is_answered = any(value is not None or key not in refused for key, value in data.items())
    return codes == {"UNAUTHENTICATED"} and not is_answered


def _errors(answer: Answer | list[Answer]) -> Iterator[FormattedError]:
    for one in answer if isinstance(answer, list) else (answer,):
        yield from one.get("errors", ())


def _longest_wait(errors: Iterable[FormattedError]) -> int:
    """Return the seconds that the most patient `retryAfter` asks for, or 0 if none does."""
    waits = [error["extensions"].get("retryAfter") for error in errors]
    return max((wait for wait in waits if type(wait) is int), default=0)


def _challenge(errors: Iterable[FormattedError]) -> str | None:
    """Return `WWW-Authenticate`: an error code only where a token was presented (RFC 6750, 3.1)."""
    refusals = [e["extensions"] for e in errors if e["extensions"]["code"] == "UNAUTHENTICATED"]
    if not refusals:
        return None
    if all(extensions.get("reason") == "TOKEN_MISSING" for extensions in refusals):
        return "Bearer"
    return 'Bearer error="invalid_token"'
