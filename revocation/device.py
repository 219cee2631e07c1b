"""By what a user recognises a session: address and browser."""

from ipaddress import ip_address
from typing import Any

_USER_AGENT_CHARACTERS = 200


def device_of(request: Any) -> dict[str, str | None]:
    """Return the columns of a session row that describe the client of `request`, if any."""
    meta = getattr(request, "META", {})
    return {
        "ip_address": _address(meta.get("REMOTE_ADDR") or ""),
        "user_agent": meta.get("HTTP_USER_AGENT", "").replace("\x00", "")[:_USER_AGENT_CHARACTERS],
    }


def _address(text: str) -> str | None:
    """Return an address every database takes: an IPv6 zone, for one, is none."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None
