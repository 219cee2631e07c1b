"""Sign somebody in who has proved who they are otherwise than by `tokenAuth`."""

from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from graphql_jwt.signals import token_issued

from . import cookies, sessions
from .conf import conf
from .errors import InvalidCredentials
from .issue import TokenPair
from .models import Session


def sign_in(
    user: Any, *, request: HttpRequest | None = None, is_unforgeable: bool = False
) -> TokenPair:
    """Open a session for `user` and return its first token pair, as `tokenAuth` would.

    `request` is that of whoever signs in: the session is listed with its device and, in cookie
    mode, the browser is given both cookies. None where there is none, as in a command or a task.
    `is_unforgeable` says that the caller has ruled out, by Django's CSRF token or OAuth's `state`,
    that a page of another site caused the request.

    Raises `InvalidCredentials` for a user who is inactive, deleted or never saved, or was given
    another password since the object was loaded, `RevocationUnavailable` when it cannot be written,
    and in cookie mode `CrossSiteRequest` for a request that another site may have caused. Nobody
    is signed in then.
    """
    if not isinstance(user, get_user_model()):
        raise TypeError(f"Nobody can be signed in as {type(user).__name__}: that is no user.")
    # REST framework wraps Django's request, which is the one that is answered.
    request = getattr(request, "_request", request)
    if request is not None and conf().cookie_mode and not is_unforgeable:
        cookies.ensure_not_forgeable(request)
    if not user.is_active:
        raise InvalidCredentials
    # Before there is a token: a receiver that raises refuses the sign-in.
    token_issued.send(sender=Session, request=request, user=user)
    pair = sessions.open_session(user, request=request)
    if request is not None:
        cookies.keep(request, pair, is_unforgeable=is_unforgeable)
    return pair
