"""Who a client is and how it came, as the proxies tell it that `TRUSTED_PROXIES` names.

Each proxy writes at the end of `X-Forwarded-For` whom it heard. So that is read from its end, for
as long as it is trusted proxies who speak: whatever a client claims of itself stands before.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any

from revocation.device import Address, address_in

Application = Callable[..., Any]

_SCHEMES = {"http", "https"}
# What stands before an IPv4 address in an IPv6 one (RFC 4291, 2.5.5.2).
_MAPPED_BITS = 96


class Proxies:
    """These addresses and networks may say who a client is, and nobody else."""

    def __init__(self, named: Iterable[str]) -> None:
        self._networks = [network_in(text) for text in named]

    def has(self, peer: str) -> bool:
        """Whether a connection comes from one of them; over a socket file it has no address."""
        return self._are_at(address_in(peer))

    def client(self, peer: str, forwarded: str) -> str:
        """Return whom the first trusted proxy heard, or who spoke of somebody that has no address.

        That one is a proxy of ours: its clients share its counters rather than choose theirs.
        """
        here = address_in(peer)
        for text in reversed(forwarded.split(",")):
            there = address_in(text.strip())
            if there is None or not self._are_at(here):
                break
            here = there
        return str(here)

    def _are_at(self, address: Address | None) -> bool:
        # A socket for both versions of IP names IPv4 clients so (RFC 4291, 2.5.5.2).
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return address is not None and any(address in network for network in self._networks)


def network_in(text: str) -> IPv4Network | IPv6Network:
    """Return the network that a text names, of IPv4 however it is written. Raises `ValueError`."""
    network = ip_network(text)
    first = network.network_address
    if isinstance(first, IPv6Address) and first.ipv4_mapped and network.prefixlen >= _MAPPED_BITS:
        return IPv4Network((int(first.ipv4_mapped), network.prefixlen - _MAPPED_BITS))
    return network


def believing_wsgi(application: Application, proxies: Proxies) -> Application:
    """Let what trusted proxies forward take effect for a WSGI application."""

    def believe(environ: dict[str, Any], start_response: Any) -> Any:
        peer = environ.get("REMOTE_ADDR") or ""
        if proxies.has(peer):
            environ["REMOTE_ADDR"] = proxies.client(peer, environ.get("HTTP_X_FORWARDED_FOR", ""))
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").lower()
            if scheme in _SCHEMES:
                environ["wsgi.url_scheme"] = scheme
        return application(environ, start_response)

    return believe


def believing_asgi(application: Application, proxies: Proxies) -> Application:
    """Let what trusted proxies forward take effect for an ASGI application."""

    def believe(scope: dict[str, Any], receive: Any, send: Any) -> Any:
        [peer, *_] = scope.get("client") or [""]
        if scope["type"] == "http" and proxies.has(peer):
            forwarded = _header(scope, b"x-forwarded-for")
            scheme = _header(scope, b"x-forwarded-proto").lower()
            scope = {**scope, "client": (proxies.client(peer, forwarded), 0)}
            if scheme in _SCHEMES:
                scope["scheme"] = scheme
        return application(scope, receive, send)

    return believe


def _header(scope: dict[str, Any], name: bytes) -> str:
    """Return a header's value, of several lines as if they were one (RFC 9110, 5.3)."""
    return ",".join(
        value.decode("latin1").strip() for key, value in scope["headers"] if key == name
    )
