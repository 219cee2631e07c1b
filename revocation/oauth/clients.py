"""Which service a request comes from (RFC 6749, 2.3.1): HTTP Basic, or two parameters."""

from base64 import b64decode
from hmac import compare_digest
from urllib.parse import unquote_plus

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict

from ..conf import conf

_NOBODYS = "x" * 32
_FORM = "application/x-www-form-urlencoded"
_KNOWN = ("client_id", "client_secret", "token", "token_type_hint")


class ClientError(Exception):
    """The request is refused; `error` is a code of RFC 6749, 5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error

    @property
    def is_unauthorized(self) -> bool:
        """Whether it is not known who asks."""
        return self.error == "invalid_client"


def authenticated(request: HttpRequest) -> str:
    """Return the configured client that the request proves to come from, or raise `ClientError`."""
    client_id, secret = _credentials(request)
    known = conf().oauth_clients
    # An unknown name takes as long as a wrong secret.
    is_right = compare_digest(known.get(client_id, _NOBODYS).encode(), secret.encode())
    if not (is_right and client_id in known):
        raise ClientError("invalid_client")
    return client_id


def parameter(request: HttpRequest, name: str) -> str | None:
    """Return a parameter of the form, or None where it is absent or empty (RFC 6749, 3.2)."""
    return _form(request).get(name) or None


def required(request: HttpRequest, name: str) -> str:
    """Return a parameter of the form. Raises `ClientError` where it is absent or empty."""
    value = parameter(request, name)
    if value is None:
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
    except ValueError:
        raise ClientError("invalid_client") from None
    return unquote_plus(name), unquote_plus(password)


def _form(request: HttpRequest) -> QueryDict:
    """Return the body. Raises `ClientError` where it is no form, or repeats what we know.

    As RFC 6749, 3.2 and appendix B, have it. Nobody has proved yet who asks: files would be written
    to the disk for anybody.
    """
    if request.content_type != _FORM:
        raise ClientError("invalid_request")
    try:
        form = request.POST
    except (BadRequest, SuspiciousOperation):
        # Too long, of too many parameters, or in another encoding than UTF-8.
        raise ClientError("invalid_request") from None
    if any(len(form.getlist(name)) > 1 for name in _KNOWN):
        raise ClientError("invalid_request")
    return form
