"""The one place that decides who a request is.

The verdict is remembered on the request, and asked anew once anything was revoked in this process.
When the answer cannot be known, access is refused.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter_ns
from types import SimpleNamespace
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from . import cookies
from .claims import AccessClaims
from .conf import accepts_legacy, conf
from .errors import (
    RevocationError,
    RevocationUnavailable,
    TokenInvalid,
    TokenMissing,
    TokenRevoked,
    UserInactive,
    refusing_when_unavailable,
)
from .journal import latest_write, settle
from .legacy.access import read_legacy_access
from .legacy.reading import NotLegacy
from .models import is_fingerprint_of
from .stores import Facts, current_store
from .tokens import read_access

T = TypeVar("T")
# The reason of a refusal, or "" for access, and how many nanoseconds were spent on it.
Watcher = Callable[[str, int], object]

# What JavaScript sends for a token it does not have.
_NO_TOKEN = frozenset({"null", "undefined"})
_NOTED = "_revocation_credentials"
_PROOF = "_revocation_claims"
_VERDICT = "_revocation_verdict"


class _Watching:
    # No signal: sending one takes longer than all that is done about it.
    watcher: Watcher | None = None


@dataclass(slots=True)
class Identity:
    """Who a request is: the claims that prove it, and the user they name."""

    claims: AccessClaims
    # A store may know that the token is not revoked without having looked at the user.
    _known: AbstractBaseUser | RevocationError | None = None

    @property
    def user(self) -> AbstractBaseUser:
        """The user. Raises as `identify` does, where the user is looked at only now."""
        if self._known is None:
            self._known = _looked_up(self.claims)
        return _unless_refused(self._known)

    @property
    def refusal(self) -> RevocationError | None:
        """Why the user was refused when somebody looked."""
        return self._known if isinstance(self._known, RevocationError) else None


def identify(request: Any) -> Identity:
    """Return who the request is. Raises `Unauthenticated` or `RevocationUnavailable`."""
    identity = _unless_refused(once(request, _VERDICT, _decide))
    if (refusal := identity.refusal) is not None:
        raise refusal.with_traceback(None)
    return identity


def once(request: Any, name: str, ask: Callable[[Any], T]) -> T:
    """Return `ask(request)`, asked once for a request, and anew after each write of ours.

    It is remembered as attribute `name`; on a context that takes none it is asked each time.
    """
    known: tuple[int, T] | None = getattr(request, name, None)
    # Numbered before the question: a write that comes in between must not go unnoticed.
    number = latest_write()
    if known is None or known[0] != number:
        known = number, ask(request)
        with suppress(AttributeError):
            setattr(request, name, known)
    return known[1]


def watch(watcher: Watcher | None) -> None:
    """Have each verdict on a request in this process told to `watcher`, or to nobody.

    It is called on the way of every request: it must be quick, and raise nothing. With the Redis
    store a user may be looked at, and refused, after that.
    """
    _Watching.watcher = watcher


def judge(text: str, *, request: Any = None) -> Identity:
    """Return who an access token proves. Raises `Unauthenticated` or `RevocationUnavailable`."""
    # Whatever is asked, a legacy token's session too, must have settled before.
    settle()
    claims = _claims(text, request)
    is_revoked = current_store().glance(claims)
    # Sessions that go on when their user is deactivated are told to nobody: the user decides.
    if is_revoked is False and conf().end_on_deactivation:
        return Identity(claims)
    return Identity(claims, _unless_refused(_looked_up(claims, is_revoked=bool(is_revoked))))


def proof_of(user: Any) -> AccessClaims | None:
    """Return the claims of the token that a user object was found by, if it was."""
    proof: AccessClaims | None = getattr(user, _PROOF, None)
    return proof


def known_user(request: Any) -> Any:
    """Return whom the request is known to be by now, without asking; None for nobody."""
    _, verdict = getattr(request, _VERDICT, (0, None))
    known = verdict._known if isinstance(verdict, Identity) else None
    # Django's own keep theirs: the user of a session, or one that was assigned.
    asked = getattr(request, "__dict__", {})
    found = (known, asked.get("_cached_user"), asked.get("user"))
    # By `type`: `isinstance` would ask a lazy object, and so the database.
    return next((one for one in found if issubclass(type(one), AbstractBaseUser)), None)


def has_token(request: Any) -> bool:
    """Whether the request presents a token, good or bad."""
    return bool(_credentials(request))


def note_token(request: HttpRequest) -> bool:
    """As `has_token`, and spare the request being looked through once more."""
    credentials = _credentials(request)
    setattr(request, _NOTED, (_written(request), credentials))
    return bool(credentials)


def presented(request: HttpRequest) -> Any:
    """Return what a request presents, for whoever asks about it when the request itself is gone."""
    return SimpleNamespace(META=request.META, **{_NOTED: getattr(request, _NOTED, None)})


def has_header_token(request: Any) -> bool:
    """Whether the request presents a token in its header, where no browser puts one by itself."""
    return bool(_header_credentials(request))


def presented_token(request: Any) -> str:
    """Return the text of the request's access token (RFC 6750, 2.1): the header's, or the cookie's.

    Raises `TokenMissing`, or `TokenInvalid` where there are several.
    """
    credentials = _credentials(request)
    if not credentials:
        raise TokenMissing
    if len(credentials) > 1:
        raise TokenInvalid
    return credentials[0]


def _claims(text: str, request: Any) -> AccessClaims:
    try:
        return read_access(text)
    except TokenInvalid as refusal:
        if not accepts_legacy():
            raise
        try:
            return read_legacy_access(text, request=request)
        except NotLegacy:
            raise refusal from None


def _decide(request: Any) -> Identity | RevocationError:
    watcher = _Watching.watcher
    began = perf_counter_ns() if watcher else 0
    try:
        identity = judge(presented_token(request), request=request)
    except RevocationError as refusal:
        if watcher:
            watcher(refusal.reason, perf_counter_ns() - began)
        return refusal
    if watcher:
        watcher("", perf_counter_ns() - began)
    return identity


def _unless_refused(outcome: T | RevocationError) -> T:
    if isinstance(outcome, RevocationError):
        # The same refusal serves many fields: it must not collect the traceback of each.
        raise outcome.with_traceback(None)
    return outcome


def _looked_up(
    claims: AccessClaims, *, is_revoked: bool = False
) -> AbstractBaseUser | RevocationError:
    """Return the user of a token, or why there is no access; `is_revoked` leaves only the why."""
    try:
        with refusing_when_unavailable():
            facts = current_store().facts(claims)
        user = _user_in_force(claims, facts)
        setattr(user, _PROOF, claims)
    except RevocationUnavailable as error:
        return TokenRevoked() if is_revoked else error
    except RevocationError as refusal:
        return refusal
    return TokenRevoked() if is_revoked else user


def _user_in_force(claims: AccessClaims, facts: Facts) -> AbstractBaseUser:
    user = facts.user
    if user is None or not user.is_active:
        raise UserInactive
    if facts.is_revoked or facts.fingerprint is None:
        raise TokenRevoked
    if not is_fingerprint_of(facts.fingerprint, user.password, sid=claims.sid):
        raise TokenRevoked
    return user


def _credentials(request: Any) -> list[str]:
    noted: tuple[Any, list[str]] | None = getattr(request, _NOTED, None)
    # Middleware may have taken it away since, or have given another.
    if noted is not None and noted[0] == _written(request):
        return noted[1]
    return _header_credentials(request) or cookies.access_tokens(request)


def _written(request: Any) -> tuple[str | None, str | None]:
    """Return the text of the headers that credentials are read from."""
    meta = getattr(request, "META", {})
    return meta.get(conf().auth_header), meta.get("HTTP_COOKIE")


def _header_credentials(request: Any) -> list[str]:
    """Return the words behind the scheme of the header, if the scheme is one of ours."""
    settings = conf()
    header = getattr(request, "META", {}).get(settings.auth_header, "")
    scheme, *credentials = header.split() or [""]
    if not credentials or scheme.lower() not in settings.auth_prefixes:
        return []
    return [] if len(credentials) == 1 and credentials[0] in _NO_TOKEN else credentials
