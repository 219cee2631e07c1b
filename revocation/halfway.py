"""System checks for an upgrade from django-graphql-jwt that was done half.

Whatever is half done refuses tokens rather than let a dead one in; these say what to change.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import graphql_jwt.decorators
from django.conf import settings
from django.core import checks
from django.core.management import get_commands
from django.urls import URLPattern, get_resolver
from graphql import GraphQLObjectType
from graphql_jwt.settings import jwt_settings

from .contrib.graphql_jwt import HANDLERS
from .protection import served_schema
from .written import has_our_handler

BACKEND = "graphql_jwt.backends.JSONWebTokenBackend"
MIDDLEWARE = "graphql_jwt.middleware.JSONWebTokenMiddleware"
_OURS = "revocation.middleware.RevocationMiddleware"
_PASTE = (
    "from revocation.contrib.graphql_jwt import HANDLERS\n"
    "GRAPHQL_JWT = {**HANDLERS, ...}, where ... are the settings you have"
)
_DECORATORS = graphql_jwt.decorators.__file__
_FIELDS = "import revocation.graphql as graphql_jwt, in place of import graphql_jwt"


def register() -> None:
    """Add the checks to `manage.py check`."""
    for check in (
        check_handlers_missing,
        check_handlers_incomplete,
        check_stock_refresh_tokens,
        check_stock_fields,
        check_stock_decorators,
        check_stock_middleware,
        check_cookie_views,
        check_cleartokens,
    ):
        checks.register(check, checks.Tags.security)


def check_handlers_missing(**_: Any) -> list[checks.CheckMessage]:
    """Does code of django-graphql-jwt decide by itself who a request is?"""
    # Our middleware keeps the rest of it from deciding anything.
    left = list(_mounted_fields() if _OURS in settings.MIDDLEWARE else _left())
    if not left or any(map(has_our_handler, _names())):
        return []
    return [
        checks.Error(
            f"django-graphql-jwt is in use ({', '.join(left)}) and does not ask the blacklist: its "
            "tokens belong to no session, and no logout ends them.",
            hint=_PASTE,
            id="revocation.E030",
        )
    ]


def check_handlers_incomplete(**_: Any) -> list[checks.CheckMessage]:
    """Would tokens be issued that nobody accepts, or accepted that nobody issued?"""
    missing = [name for name in _names() if not has_our_handler(name) and not _may_be_own(name)]
    if not missing or len(missing) == len(_names()):
        return []
    return [
        checks.Error(
            f"GRAPHQL_JWT has some handlers of revocation and not {', '.join(missing)}.",
            hint=f"{_PASTE}, but for {', '.join(missing)}",
            id="revocation.E031",
        )
    ]


def check_stock_refresh_tokens(**_: Any) -> list[checks.CheckMessage]:
    """Would refresh tokens be handed out that no logout ends, and that nobody exchanges?"""
    mounted = list(_mounted_fields()) if jwt_settings.JWT_LONG_RUNNING_REFRESH_TOKEN else []
    return [
        checks.Error(
            f"Mounted from django-graphql-jwt: {_listed(mounted)}. Its long-running refresh tokens "
            "know of no session: with the handlers of revocation none of them is exchanged.",
            hint=_FIELDS,
            id="revocation.E032",
        )
    ] * bool(mounted)


def check_stock_fields(**_: Any) -> list[checks.CheckMessage]:
    """Is there a field of django-graphql-jwt that ours does better?"""
    mounted = [] if jwt_settings.JWT_LONG_RUNNING_REFRESH_TOKEN else list(_mounted_fields())
    return [
        checks.Warning(
            f"Mounted from django-graphql-jwt: {_listed(mounted)}. Whoever copies an access token "
            "can refresh it until its session ends, and wrong passwords are not counted.",
            hint=f"{_FIELDS}, with JWT_LONG_RUNNING_REFRESH_TOKEN set as your clients expect",
            id="revocation.W030",
        )
    ] * bool(mounted)


def check_stock_decorators(**_: Any) -> list[checks.CheckMessage]:
    """Is a field protected by a decorator that tells nobody why?"""
    decorated = list(_decorated_fields())
    return [
        checks.Warning(
            f"Protected by graphql_jwt.decorators: {_listed(decorated)}. Errors have no code "
            "there, and Django's session cookie is enough to pass.",
            hint="from revocation.decorators import login_required, in place of "
            "graphql_jwt.decorators; the others have their names there too",
            id="revocation.W031",
        )
    ] * bool(decorated)


def check_stock_middleware(**_: Any) -> list[checks.CheckMessage]:
    """Does a stale token fail public fields?"""
    if MIDDLEWARE not in _graphene_middleware() or not has_our_handler("JWT_DECODE_HANDLER"):
        return []
    return [
        checks.Warning(
            f"{MIDDLEWARE} runs for every field, and a stale token fails the public ones.",
            hint=f"Take {MIDDLEWARE!r} out of GRAPHENE['MIDDLEWARE'] when every decorator comes "
            "from revocation.decorators.",
            id="revocation.W034",
        )
    ]


def check_cookie_views(**_: Any) -> list[checks.CheckMessage]:
    """Are there cookies that our decorators do not read?"""
    views = sorted(str(pattern.pattern) for pattern in _url_patterns() if _keeps_cookies(pattern))
    return [
        checks.Warning(
            f"A view of django-graphql-jwt's cookies is at {', '.join(views)!r}: the decorators "
            "and fields of revocation do not read them.",
            hint='REVOCATION = {"COOKIE_MODE": True}, and no jwt_cookie around the view',
            id="revocation.W035",
        )
    ] * bool(views)


def check_cleartokens(**_: Any) -> list[checks.CheckMessage]:
    """Does `cleartokens`, which a cron job may run, belong to somebody else?"""
    owner = get_commands().get("cleartokens", "graphql_jwt.refresh_token")
    if str(getattr(owner, "__module__", owner)).startswith("graphql_jwt"):
        return []
    return [
        checks.Warning(
            f"manage.py cleartokens is a command of {owner}: it forgets that app's tokens alone.",
            hint="python manage.py purge_revoked",
            id="revocation.W032",
        )
    ]


def _names() -> list[str]:
    return [name for name in HANDLERS if name.endswith("_HANDLER")]


def _may_be_own(name: str) -> bool:
    """Whether a handler may be the project's: what its payload lacks is refused by our encoding."""
    is_given = name in getattr(settings, "GRAPHQL_JWT", {})
    return is_given and name in {"JWT_ALLOW_ANY_HANDLER", "JWT_PAYLOAD_HANDLER"}


def _left() -> Iterator[str]:
    """Say what of django-graphql-jwt is left in use."""
    if BACKEND in settings.AUTHENTICATION_BACKENDS:
        yield BACKEND
    if MIDDLEWARE in _graphene_middleware():
        yield MIDDLEWARE
    yield from _mounted_fields()
    yield from _decorated_fields()


def _graphene_middleware() -> Any:
    return getattr(settings, "GRAPHENE", {}).get("MIDDLEWARE", ())


def _object_types() -> Iterator[GraphQLObjectType]:
    """Look through the schema of the project, if it names one that can be imported."""
    try:
        schema = served_schema()
    except ImportError:
        return
    types = getattr(getattr(schema, "graphql_schema", None), "type_map", {})
    for kind in types.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            yield kind


def _mounted_fields() -> Iterator[str]:
    """Name the fields whose mutation is made of django-graphql-jwt's, and not of ours."""
    for kind in _object_types():
        for name, field in kind.fields.items():
            payload = getattr(field.type, "graphene_type", object)
            homes = {base.__module__.partition(".")[0] for base in payload.__mro__}
            # Ours are made of some of theirs.
            if "graphql_jwt" in homes and "revocation" not in homes:
                yield f"{kind.name}.{name}"


def _decorated_fields() -> Iterator[str]:
    for kind in _object_types():
        for name, field in kind.fields.items():
            if _is_decorated(field.resolve):
                yield f"{kind.name}.{name}"


def _is_decorated(resolve: Callable[..., Any] | None) -> bool:
    """Whether a decorator of django-graphql-jwt that asks for a user stands around a resolver."""
    # All of them are made by one; the others of that module are on its own fields.
    return _is_inside("context.<locals>.decorator.<locals>.wrapper", resolve)


def _url_patterns() -> Iterator[URLPattern]:
    inside: list[Any] = list(get_resolver().url_patterns) if settings.ROOT_URLCONF else []
    while inside:
        found = inside.pop()
        if isinstance(found, URLPattern):
            yield found
        else:
            inside += found.url_patterns


def _keeps_cookies(pattern: URLPattern) -> bool:
    return _is_inside("jwt_cookie.<locals>.wrapped_view", pattern.callback)


def _is_inside(name: str, wrapped: Callable[..., Any] | None) -> bool:
    """Whether a function of `graphql_jwt.decorators` is one of those wrapped around another."""
    inside: list[Any] = [wrapped]
    while inside:
        found = inside.pop()
        code = getattr(found, "__code__", None)
        if code is not None and (code.co_filename, code.co_qualname) == (_DECORATORS, name):
            return True
        if isinstance(found, partial):
            inside += [found.func, *filter(callable, found.args)]
        inside += filter(None, [getattr(found, "__wrapped__", None)])
    return False


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(names))
