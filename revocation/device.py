"""Who a client is, as far as its connection tells: address and browser."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.utils import timezone

Address = IPv4Address | IPv6Address

_USER_AGENT_CHARACTERS = 200
# What one IPv6 client has to choose its addresses from (RFC 6177).
_IPV6_NETWORK_BITS = 64
# What a row keeps of an address, by version: enough for users to know where they were, and not
# which household that is.
_KEPT_BITS = {4: 24, 6: 48}


def device_of(request: Any) -> dict[str, Any]:
    """Return the columns of a session row that describe the client of `request`, if any.

    Of the address it is the network, of a long user agent the beginning.
    """
    meta = getattr(request, "META", {})
    address = _address(meta)
    agent = meta.get("HTTP_USER_AGENT", "").replace("\x00", "")[:_USER_AGENT_CHARACTERS]
    return {
        "ip_address": _truncated(address) if address else None,
        "user_agent": agent,
        "device_at": timezone.now() if address or agent else None,
    }


def network_of(request: Any) -> str:
    """Return the IPv4 address of the client, or the IPv6 network that is its own.

    Whatever has no address has one and the same, "".
    """
    address = _address(getattr(request, "META", {}))
    if isinstance(address, IPv6Address):
        return str(ip_network(f"{address}/{_IPV6_NETWORK_BITS}", strict=False))
    return str(address or "")


def as_noted(text: str) -> str:
    """Return an address as session rows have it, and any other text as it is."""
    address = address_in(text)
    return _truncated(address) if address else text


def address_in(text: str) -> Address | None:
    """Return an address, whatever port stands beside it; one without its zone, if it has one.

    Every database takes it then.
    """
    try:
        return ip_address(_without_port(text).partition("%")[0])
    except ValueError:
        return None


def _address(meta: Mapping[str, Any]) -> Address | None:
    address = address_in(meta.get("REMOTE_ADDR") or "")
    # How a socket for both versions names a client that has an IPv4 address.
    return getattr(address, "ipv4_mapped", None) or address


def _truncated(address: Address) -> str:
    network = ip_network(f"{address}/{_KEPT_BITS[address.version]}", strict=False)
    return str(network.network_address)


def _without_port(text: str) -> str:
    """Some proxies forward a port beside the address (RFC 7239, 6)."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
