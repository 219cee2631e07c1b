"""Which service a request comes from (RFC 6749, 2.3.1): HTTP Basic, or two parameters."""

from base64 import b64decode
from binascii import Error as NotBase64
from hmac import compare_digest
from urllib.parse import unquote_plus

from django.http import HttpRequest

from ..conf import conf

_NOBODYS = "x" * 32


class ClientError(Exception):
    """The request is refused; `error` is a code of RFC 6749, 5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error

    @property
    def is_unauthorized(self) -> bool:
        """Whether it is not known who asks."""
        return self.error == "invalid_client"


def ensure_known_client(request: HttpRequest) -> None:
    """Raise `ClientError` unless the request proves that a configured client has made it."""
    client_id, secret = _credentials(request)
    known = conf().oauth_clients
    # An unknown name takes as long as a wrong secret.
    is_right = compare_digest(known.get(client_id, _NOBODYS).encode(), secret.encode())
    if not (is_right and client_id in known):
        raise ClientError("invalid_client")


def parameter(request: HttpRequest, name: str) -> str | None:
    """Return a parameter of the form, or None. Given twice it is an error (RFC 6749, 3.2)."""
    values = request.POST.getlist(name)
    if len(values) > 1:
        raise ClientError("invalid_request")
    return values[0] if values else None


def required(request: HttpRequest, name: str) -> str:
    """Return a parameter of the form. Raises `ClientError` where it is absent or empty."""
    value = parameter(request, name)
    if not value:
        raise ClientError("invalid_request")
    return value


def _credentials(request: HttpRequest) -> tuple[str, str]:
    client_id, secret = parameter(request, "client_id"), parameter(request, "client_secret")
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return client_id or "", secret or ""
    if secret is not None:
        # Two ways at once (RFC 6749, 2.3).
        raise ClientError("invalid_request")
    try:
        name, _, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        raise ClientError("invalid_client") from None
    return unquote_plus(name), unquote_plus(password)
