"""What stands between a server and Django: it must not serve unsafely, nor believe just anyone."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Application = Callable[..., Any]

# What HS256 needs (RFC 7518, 3.2).
SHORTEST_SECRET_BYTES = 32
REMEDY = (
    "Set DJANGO_SECRET_KEY to a long random text that only this deployment knows, for instance "
    'the output of: python -c "import secrets; print(secrets.token_urlsafe(64))". '
    "For development on your own machine set DJANGO_DEBUG=true instead."
)


def ensure_servable() -> None:
    """Raise `ImproperlyConfigured` where strangers could sign tokens: the secret known or short."""
    if settings.DEBUG:
        return
    if settings.SECRET_KEY == settings.DEVELOPMENT_SECRET_KEY:
        raise ImproperlyConfigured(f"DJANGO_SECRET_KEY is not set. {REMEDY}")
    if len(settings.SECRET_KEY.encode()) < SHORTEST_SECRET_BYTES:
        raise ImproperlyConfigured(
            f"DJANGO_SECRET_KEY is shorter than {SHORTEST_SECRET_BYTES} bytes. {REMEDY}"
        )


def behind_proxies(
    application: Application, *, wrap: Callable[[Application, list[str]], Application]
) -> Application:
    """Let the scheme and client address that `TRUSTED_PROXIES` forward take effect, if any."""
    proxies = settings.TRUSTED_PROXIES
    return wrap(application, proxies) if proxies else application
