"""Decorators that protect resolvers, and whole object types by every route to them.

Same names, signatures and import shape as `graphql_jwt.decorators`; a good access token is asked
for first, whatever `info.context.user` says.
"""

from collections.abc import Callable, Iterable
from copy import copy
from functools import partial, wraps
from inspect import isawaitable, ismethod
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from graphene import Dynamic, Field, Interface, Mutation, ObjectType, ResolveInfo
from graphene.types.mountedtype import MountedType
from graphene.types.utils import get_field_as

from . import guard
from .errors import PermissionDenied
from .protection import PUBLIC, note_rule

Test = Callable[[Any], bool]
Decorator = Callable[[Any], Any]


def user_passes_test(
    test_func: Test, exc: type[Exception] | Exception = PermissionDenied
) -> Decorator:
    """Let a resolver run for a signed-in user who passes the test; else raise `exc`.

    Without a good access token the refusal is `Unauthenticated` (or `RevocationUnavailable`) and
    the test is not asked. On an object type, every field of it is protected, whichever way it is
    reached.
    """
    name = getattr(test_func, "__qualname__", type(test_func).__qualname__)
    return _passing(test_func, exc, rule=f"user_passes_test({name})")


def _passing(test: Test, exc: type[Exception] | Exception, *, rule: str) -> Decorator:
    def ensure_allowed(request: Any) -> None:
        if not test(guard.identify(request).user):
            # One instance serves many refusals: it must not collect the traceback of each.
            raise exc if isinstance(exc, type) else exc.with_traceback(None)

    return _requiring(ensure_allowed, rule=rule)


def _requiring(ensure_allowed: Callable[[Any], object], *, rule: str) -> Decorator:
    def decorator(target: Any) -> Any:
        if isinstance(target, type) and issubclass(target, ObjectType | Interface):
            return _protect_type(target, decorator)
        if isinstance(target, staticmethod | classmethod):
            return type(target)(decorator(target.__func__))
        if isinstance(target, type) or not callable(target):
            raise TypeError(f"{target!r} is neither a resolver nor an object type.")
        protected = _protect(target, ensure_allowed)
        note_rule(protected, rule)
        return protected

    return decorator


# Asks for no user row: a store may answer without one.
login_required = _requiring(guard.identify, rule="login_required")
"""Let a resolver run for whoever has a good access token. Raises `Unauthenticated` for others."""
staff_member_required = _passing(
    lambda user: user.is_staff, PermissionDenied, rule="staff_member_required"
)
"""Let a resolver run for members of staff (`is_staff`)."""
superuser_required = _passing(
    lambda user: user.is_superuser, PermissionDenied, rule="superuser_required"
)
"""Let a resolver run for superusers (`is_superuser`)."""


def permission_required(perm: str | Iterable[str]) -> Decorator:
    """Let a resolver run for a user who has the permission, or all of them."""
    perms = (perm,) if isinstance(perm, str) else tuple(perm)
    rule = f"permission_required({', '.join(map(repr, perms))})"
    return _passing(lambda user: user.has_perms(perms), PermissionDenied, rule=rule)


def public(target: Any) -> Any:
    """Say that a resolver, or each field of a type, is open to everybody. It checks nothing.

    What types derived from it add or replace is not.

    `manage.py protection` shows it, and `REVOCATION["DEFAULT_DENY"]` asks for it.
    """
    if isinstance(target, type) and issubclass(target, ObjectType | Interface):
        return _protect_type(target, _as_public, is_open=True)
    resolver = target.__func__ if isinstance(target, staticmethod | classmethod) else target
    if isinstance(resolver, type) or not callable(resolver):
        raise TypeError(f"{target!r} is neither a resolver nor an object type.")
    if ismethod(resolver):
        # It takes no note, and what it is a method of may have others that are not public.
        return _as_public(resolver)
    note_rule(resolver, PUBLIC)
    return target


def _as_public(resolver: Any) -> Any:
    # Another field may have the same resolver.
    own = partial(resolver)
    note_rule(own, PUBLIC)
    return own


def _protect(resolver: Callable[..., Any], ensure_allowed: Callable[[Any], object]) -> Any:
    @wraps(resolver)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        request = _request_of(resolver, args, kwargs)
        try:
            ensure_allowed(request)
        except SynchronousOnlyOperation:
            # In an event loop: Django's connections belong to the thread of synchronous code.
            return _resolve_later(partial(resolver, *args, **kwargs), ensure_allowed, request)
        return resolver(*args, **kwargs)

    return wrapper


async def _resolve_later(
    resolve: Callable[[], Any], ensure_allowed: Callable[[Any], object], request: Any
) -> Any:
    await sync_to_async(ensure_allowed)(request)
    result = resolve()
    return await result if isawaitable(result) else result


def _protect_type(target: Any, decorator: Decorator, *, is_open: bool = False) -> Any:
    """Protect a type, and what is derived from it: if it is opened, what was there, and no more."""
    names = set(_fields_of(target))
    _protect_members(target, names, decorator)
    own = target.__dict__.get("__init_subclass__")

    def protect_derived(cls: Any, /, **options: Any) -> None:
        derive = own.__get__(None, cls) if own else super(target, cls).__init_subclass__
        derive(**options)
        if is_open:
            there = names & _fields_of(cls).keys()
            _protect_fields(
                cls, [one for one in there if _is_inherited(target, cls, one)], decorator
            )
            return
        fields = {
            name for name in _fields_of(cls) if name in names or _is_within(target, cls, name)
        }
        _protect_members(cls, fields, decorator)

    # Graphene collects the fields of a derived type anew, and would lose the protection.
    target.__init_subclass__ = classmethod(protect_derived)
    return target


def _is_within(target: type, derived: type, name: str) -> bool:
    """Whether a field of a derived type comes from the target's side rather than a sibling's."""
    declared_in = _home_of(name, derived)
    return issubclass(declared_in, target) or issubclass(target, declared_in)


def _is_inherited(target: type, derived: type, name: str) -> bool:
    """Whether field and resolver of a derived type are the target's own, and nobody else's."""
    resolver = f"resolve_{name}"
    written = [one for one in (name, resolver) if hasattr(derived, one)]
    return all(issubclass(target, _home_of(one, derived)) for one in written)


def _home_of(name: str, derived: type) -> type:
    return next((base for base in derived.__mro__ if name in base.__dict__), derived)


def _meta_of(target: Any) -> Any:
    # An abstract base has none of its own, and must not be taken for the type it derives from.
    return target.__dict__.get("_meta")


def _fields_of(target: Any) -> dict[str, Any]:
    meta = _meta_of(target)
    return meta.fields if meta else {}


def _protect_members(target: Any, names: Iterable[str], decorator: Decorator) -> None:
    """Protect these fields of a type, and what it does if it is a mutation."""
    _protect_fields(target, names, decorator)
    meta = _meta_of(target)
    if issubclass(target, Mutation) and meta:
        # Graphene freezes the options of a type once it is made.
        vars(meta)["resolver"] = decorator(meta.resolver)


def _protect_fields(target: Any, names: Iterable[str], decorator: Decorator) -> None:
    fields = _fields_of(target)
    for name in names:
        fields[name] = _protect_field(fields[name], decorator)


def _protect_field(field: MountedType, decorator: Decorator) -> MountedType:
    """Return a field like this one whose resolver is protected, wherever graphene finds it."""
    # A field inherited from an interface is shared with types that may be public.
    protected, original = copy(field), field
    if isinstance(field, Dynamic):

        def get_type(schema: Any = None) -> Any:
            found = original.get_type(schema)
            return found and _protect_field(get_field_as(found, _as=Field), decorator)

        protected.get_type = get_type
        return protected

    def wrap_resolve(parent_resolver: Any) -> Any:
        resolve = original.wrap_resolve(parent_resolver)
        return resolve and decorator(resolve)

    def wrap_subscribe(parent_subscribe: Any) -> Any:
        subscribe = original.wrap_subscribe(parent_subscribe)
        return subscribe and decorator(subscribe)

    protected.wrap_resolve, protected.wrap_subscribe = wrap_resolve, wrap_subscribe
    return protected


def _request_of(resolver: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    for argument in (*args, kwargs.get("info")):
        if isinstance(argument, ResolveInfo):
            return argument.context
    raise TypeError(
        f"{getattr(resolver, '__qualname__', resolver)} was not called as a resolver: "
        "no argument is a ResolveInfo. Put the decorator on a resolver, a mutate method or a type."
    )
