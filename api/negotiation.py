"""Which media type a request is answered in, and whether its body is JSON (RFC 9110, 12.5.1)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from django.http import HttpRequest

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html"

_EXACT, _SUBTYPE, _ANY = 2, 1, 0
_QUALITY = re.compile(r"[01](\.\d{0,3})?|\.\d{1,3}")


@lru_cache(maxsize=128)
def preferred(accept: str | None, offers: tuple[str, ...] = (JSON, GRAPHQL)) -> str | None:
    """Return the offer the client ranks highest, or None where it accepts none of them.

    No `Accept`, and a tie between wildcards, mean the first offer; named side by side,
    `application/graphql-response+json` goes before `application/json` (GraphQL over HTTP, "Legacy
    watershed").
    """
    if not accept or accept == "*/*":
        return offers[0]
    ranges = list(_ranges(accept))
    ranks = {offer: _rank(offer, ranges) for offer in offers}
    best = max(offers, key=ranks.__getitem__)
    return best if ranks[best][0] > 0 else None


def has_json_body(request: HttpRequest) -> bool:
    """Whether the request says that its body is JSON, which is UTF-8 (RFC 8259, 8.1).

    Pages of other origins can make a browser send text or a form unasked, but not this.
    """
    charset = request.content_params.get("charset", "utf-8").lower()
    return request.content_type == JSON and charset in {"utf-8", "utf8"}


def _rank(offer: str, ranges: list[tuple[str, float]]) -> tuple[float, int, bool]:
    """Quality first, taken from the most specific range that matches; then how specific it is."""
    kind = offer.partition("/")[0]
    specificity = {offer: _EXACT, f"{kind}/*": _SUBTYPE, "*/*": _ANY}
    matches = [(specificity[range_], q) for range_, q in ranges if range_ in specificity]
    if not matches:
        return (0.0, _ANY, False)
    most_specific, quality = max(matches)
    return (quality, most_specific, offer == GRAPHQL and most_specific == _EXACT)


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Yield each media range with its quality; what is none is passed over."""
    for item in accept.split(","):
        media_range, _, parameters = item.partition(";")
        quality = _quality(parameters)
        if quality is not None:
            media_range = media_range.strip().lower()
            yield ("*/*" if media_range == "*" else media_range), quality


def _quality(parameters: str) -> float | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return float(value) if _QUALITY.fullmatch(value := value.strip()) else None
    return 1.0
