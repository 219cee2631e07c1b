"""What stands between a server and Django: it must not serve unsafely, nor believe just anyone."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started

from .proxies import Application

STATEMENT_SECONDS = 10
BOUNDING_OPTIONS = {
    "api.postgresql": ["patience"],
    "api.mariadb": ["read_timeout", "write_timeout"],
}

# What HS256 needs (RFC 7518, 3.2).
SHORTEST_SECRET_BYTES = 32
REMEDY = (
    "Set DJANGO_SECRET_KEY to a long random text that only this deployment knows, for instance "
    'the output of: python -c "import secrets; print(secrets.token_urlsafe(64))". '
    "For development on your own machine set DJANGO_DEBUG=true instead."
)
REMEDY_FOR_KEYS = (
    "Take it out of the variables that name keys; out of the file that JWT_KEYS_FILE names it goes "
    "by: python manage.py rotate_key --leaked {}"
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


def ensure_signing() -> None:
    """Raise `ImproperlyConfigured` at the start, where no token could be signed or read.

    Or where strangers could sign them: commands run on the development secret, and one may have
    taken it over into a file of keys.
    """
    # Only now: by the time there is an application, Django is set up.
    from revocation.keys import key_ring
    from revocation.signing_key import kid_of_secret

    known = kid_of_secret(settings.DEVELOPMENT_SECRET_KEY)
    if known in key_ring().verifying and not settings.DEBUG:
        raise ImproperlyConfigured(
            f"The development secret, which everybody knows, is a key of tokens ({known}). "
            f"{REMEDY_FOR_KEYS.format(known)}"
        )


def bound_statements() -> None:
    """From the first request on, let this process wait for no statement longer than is useful.

    Whoever waits for the answer has gone by then, and the worker is needed. Management commands
    serve nobody: a migration may take an hour.
    """

    def bound(**_: Any) -> None:
        request_started.disconnect(bound)
        for database in settings.DATABASES.values():
            for option in BOUNDING_OPTIONS.get(database["ENGINE"], ()):
                database["OPTIONS"].setdefault(option, STATEMENT_SECONDS)

    request_started.connect(bound, weak=False)


def admitting_unread_cookies(application: Application) -> Application:
    """Say that the cookies could not be read where granian says that there were none.

    It does so for the whole header if any cookie of any application has a letter beyond ASCII in
    it, and browsers send no empty header.
    """
    # Only now: by the time there is an application, Django is set up.
    from revocation.cookies import UNREADABLE

    def admit(environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("HTTP_COOKIE") == "":
            environ["HTTP_COOKIE"] = UNREADABLE
        return application(environ, start_response)

    return admit
