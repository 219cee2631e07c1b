"""What will be different for a project after the upgrade, told by its settings."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from graphql_jwt.settings import DEFAULTS

from ..written import as_timedelta, jwt_setting, own_setting
from . import simplejwt

_STOCK_MIDDLEWARE = "graphql_jwt.middleware.JSONWebTokenMiddleware"
_STOCK_BACKEND = "graphql_jwt.backends.JSONWebTokenBackend"
_WITHOUT_EFFECT = {
    "JWT_ALLOW_ANY_CLASSES": "a field is public unless it has a decorator",
    "JWT_ARGUMENT_NAME": "no field reads a token as argument",
    "JWT_CSRF_ROTATION": "cookies are protected by the content type and the origin of a request",
    "JWT_REFRESH_TOKEN_N_BYTES": "refresh tokens are signed, and no longer random text in a table",
    "JWT_REUSE_REFRESH_TOKENS": "each refresh gives a new token, and an old one that comes back "
    "ends its session",
}

_ALWAYS = (
    "a password that is changed, and a user who is deactivated, ends that user's sessions",
    "a token belongs to its user's primary key: a name may change, or go to somebody else",
    "a bad token in the header breaks no public field",
    "a session cookie of Django's alone opens no protected field, and a token outranks it",
    "verifyToken refuses what a protected field would refuse: deactivated and deleted users, too",
    "user_logged_in and user_logged_out are sent, and a sign-in notes last_login",
    "wrong passwords are counted, and too many of them are answered with TOO_MANY_REQUESTS",
)


class Difference(NamedTuple):
    """One thing that changes: where the settings say so, and what changes."""

    where: str
    what: str


def differences() -> list[Difference]:
    """Return every one that holds for this project."""
    return [difference for question in _QUESTIONS for difference in question()]


def _everybody() -> Iterator[Difference]:
    yield from (Difference("always", what) for what in _ALWAYS)
    if jwt_setting("JWT_LONG_RUNNING_REFRESH_TOKEN"):
        yield Difference(
            "always",
            "a refresh uses its refresh token up; one that comes back later ends its session",
        )


def _expiry() -> Iterator[Difference]:
    if not _given().get("JWT_VERIFY_EXPIRATION", False):
        lifetime = as_timedelta(jwt_setting("JWT_EXPIRATION_DELTA"))
        yield Difference(
            "JWT_VERIFY_EXPIRATION",
            f"access tokens expire, {lifetime} after they were issued; until now nobody looked. "
            "Have clients refresh on TOKEN_EXPIRED; REVOCATION['ACCEPT_LEGACY_EXPIRED'] = True "
            "lets the tokens that are out there work on until the date",
        )


def _refreshing() -> Iterator[Difference]:
    if "JWT_LONG_RUNNING_REFRESH_TOKEN" not in _given():
        yield Difference(
            "JWT_LONG_RUNNING_REFRESH_TOKEN",
            "sign-in and refresh answer with a refresh token beside the access token, and that is "
            "what refreshToken takes. Set it to False to go on refreshing access tokens",
        )
    if not jwt_setting("JWT_ALLOW_REFRESH"):
        yield Difference(
            "JWT_ALLOW_REFRESH",
            "sessions can be refreshed; and as the access tokens that are out there do not say "
            "when they were issued, none of them is accepted",
        )
    lifetime = as_timedelta(jwt_setting("JWT_REFRESH_EXPIRATION_DELTA"))
    longest = as_timedelta(own_setting("SESSION_ABSOLUTE_LIFETIME"))
    if lifetime > longest:
        yield Difference(
            "JWT_REFRESH_EXPIRATION_DELTA",
            f"no session lives longer than {longest}: REVOCATION['SESSION_ABSOLUTE_LIFETIME']",
        )


def _header() -> Iterator[Difference]:
    prefix = jwt_setting("JWT_AUTH_HEADER_PREFIX")
    also = [word for word in ("Bearer", "JWT") if word.lower() != prefix.lower()]
    yield Difference(
        "JWT_AUTH_HEADER_PREFIX",
        f"beside {prefix!r} the header may begin with {' or '.join(map(repr, also))}",
    )


def _argument() -> Iterator[Difference]:
    if jwt_setting("JWT_ALLOW_ARGUMENT"):
        yield Difference(
            "JWT_ALLOW_ARGUMENT",
            "no field reads a token as argument: clients send it in the Authorization header",
        )


def _cookies() -> Iterator[Difference]:
    if not own_setting("COOKIE_MODE"):
        yield Difference(
            "REVOCATION['COOKIE_MODE']",
            "tokens in cookies are neither read nor written unless it is on",
        )
        return
    changed = {"JWT_COOKIE_SECURE": "Secure", "JWT_COOKIE_SAMESITE": "SameSite=Lax"}
    for name, attribute in changed.items():
        if name not in _given():
            yield Difference(name, f"cookies are {attribute}")
    if jwt_setting("JWT_COOKIE_SECURE"):
        yield Difference(
            "JWT_COOKIE_NAME",
            "cookies of this host alone are called __Host-…; until the date, legacy ones are read "
            "under the name of before as well",
        )


def _handlers() -> Iterator[Difference]:
    for name in sorted(DEFAULTS):
        handler = _given().get(name, DEFAULTS[name])
        is_own = name.endswith("_HANDLER") and handler != DEFAULTS[name]
        if not is_own or str(handler).startswith("revocation."):
            continue
        if name == "JWT_GET_REFRESH_TOKEN_HANDLER":
            yield Difference(name, "it is asked for legacy refresh tokens, and for nothing else")
        elif name == "JWT_PAYLOAD_GET_USERNAME_HANDLER":
            yield Difference(
                name,
                "it is not called: a legacy token has to have the username under the name of "
                "USERNAME_FIELD, and `origIat`, or it is not accepted",
            )
        elif name == "JWT_PAYLOAD_HANDLER":
            yield Difference(name, "of what it says, `sub`, `exp` and their like are ours")
        else:
            yield Difference(name, "it is not called by the fields of `revocation.graphql`")


def _no_effect() -> Iterator[Difference]:
    for name, instead in _WITHOUT_EFFECT.items():
        if name in _given() and _given()[name] != DEFAULTS[name]:
            yield Difference(name, f"it has no effect: {instead}")


def _left_installed() -> Iterator[Difference]:
    graphene = getattr(settings, "GRAPHENE", {})
    if _STOCK_MIDDLEWARE in map(str, graphene.get("MIDDLEWARE", ())):
        yield Difference(
            "GRAPHENE['MIDDLEWARE']",
            f"{_STOCK_MIDDLEWARE} is not needed: it runs once for every field",
        )
    if _STOCK_BACKEND in settings.AUTHENTICATION_BACKENDS:
        yield Difference("AUTHENTICATION_BACKENDS", f"{_STOCK_BACKEND} is not needed")


def _cleartokens() -> Iterator[Difference]:
    if apps.is_installed("graphql_jwt.refresh_token"):
        yield Difference(
            "cleartokens",
            "it goes on clearing the old table; sessions are cleared by purge_revoked, and a "
            "little by each sign-in",
        )
    if apps.is_installed("oauth2_provider"):
        yield Difference(
            "cleartokens",
            "django-oauth-toolkit has a command of this name too: which one runs is told by the "
            "order of INSTALLED_APPS",
        )


def _of_simplejwt() -> Iterator[Difference]:
    if not hasattr(settings, "SIMPLE_JWT") and not apps.is_installed("rest_framework_simplejwt"):
        return
    classes = map(str, _given_to_simplejwt().get("AUTH_TOKEN_CLASSES", ()))
    if any("Sliding" in name for name in classes):
        yield Difference("SIMPLE_JWT['AUTH_TOKEN_CLASSES']", "sliding tokens are not accepted")
    if simplejwt.setting("TOKEN_TYPE_CLAIM") is None:
        yield Difference(
            "SIMPLE_JWT['TOKEN_TYPE_CLAIM']",
            "tokens that do not say whether they are for access or refresh are not accepted",
        )
    if simplejwt.setting("JWK_URL"):
        yield Difference(
            "SIMPLE_JWT['JWK_URL']",
            "keys are not fetched: set VERIFYING_KEY, or no token of simplejwt is accepted",
        )
    if "USER_AUTHENTICATION_RULE" in _given_to_simplejwt():
        yield Difference(
            "SIMPLE_JWT['USER_AUTHENTICATION_RULE']", "it is not asked: is_active decides"
        )
    yield Difference(
        "SIMPLE_JWT['USER_ID_CLAIM']",
        "our tokens name the user in `sub`, and their kind by `typ` in the header",
    )
    yield Difference(
        "SIMPLE_JWT",
        "its own views issue tokens without a session for as long as they are in your URLs",
    )


def _given() -> dict[str, Any]:
    given: dict[str, Any] = getattr(settings, "GRAPHQL_JWT", {})
    return given


def _given_to_simplejwt() -> dict[str, Any]:
    given: dict[str, Any] = getattr(settings, "SIMPLE_JWT", {})
    return given


_QUESTIONS: tuple[Callable[[], Iterator[Difference]], ...] = (
    _everybody,
    _expiry,
    _refreshing,
    _header,
    _argument,
    _cookies,
    _handlers,
    _no_effect,
    _left_installed,
    _cleartokens,
    _of_simplejwt,
)
