"""The handlers of `GRAPHQL_JWT`, called by django-graphql-jwt's own fields, backend and shortcuts.

What it issues belongs to a session, and what it reads is judged by the guard.
"""

from calendar import timegm
from datetime import datetime
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from graphql import GraphQLResolveInfo as ResolveInfo
from graphql import get_named_type
from graphql_jwt.settings import jwt_settings

from ... import guard, journal, sessions
from ...additions import is_asking
from ...claims import is_epoch
from ...errors import RefreshInvalid, TokenInvalid
from ...keepalive import keep_alive
from ...protection import PUBLIC, noted_rules
from ...tokens import sign_access_payload

_OURS = ("sub", "sid", "jti", "iat", "aud", "iss")
# Ours where status lists are served; elsewhere a project may say what it likes.
_OURS_WITH_LISTS = (*_OURS, "status")


class IssuedPayload(dict[str, Any]):
    """What a new access token is to say. Claims may be added before it is encoded."""

    def __init__(self, issued: dict[str, Any]) -> None:
        super().__init__(issued)
        self.issued = issued


class JudgedPayload(dict[str, Any]):
    """What an access token says that the guard let in."""

    def __init__(self, identity: guard.Identity) -> None:
        super().__init__(identity.claims.payload)
        self.identity = identity


class Subject(str):
    """The `sub` of a token that the guard let in, and who that is."""

    __slots__ = ("identity",)

    def __new__(cls, identity: guard.Identity) -> "Subject":
        """Keep the evidence with the text."""
        subject = super().__new__(cls, identity.claims.sub)
        subject.identity = identity
        return subject

    identity: guard.Identity


def payload(user: Any, context: Any = None) -> IssuedPayload:
    """Return what a new access token of `user` says.

    It opens a session; but a user who was found by a token goes on in the session of that token.
    Raises `RevocationError`.
    """
    if is_asking():
        return IssuedPayload({})
    proof = guard.proof_of(user)
    pair = sessions.open_session(user, request=context) if proof is None else keep_alive(proof)
    return IssuedPayload(pair.payload)


def encode(payload: dict[str, Any], context: Any = None) -> str:
    """Sign what `payload` returned, with whatever claims were added to it."""
    issued = getattr(payload, "issued", None)
    if issued is None:
        raise ImproperlyConfigured(
            "JWT_ENCODE_HANDLER signs what revocation's JWT_PAYLOAD_HANDLER returned: call "
            f"{__name__}.payload in your own handler, and add your claims to that dictionary."
        )
    ours = _OURS_WITH_LISTS if "status" in issued else _OURS
    if any(payload.get(name) != issued.get(name) for name in ours):
        raise ImproperlyConfigured(f"The claims {', '.join(ours)} cannot be set by hand.")
    exp = payload.get("exp")
    if isinstance(exp, datetime):
        payload["exp"] = exp = timegm(exp.utctimetuple())
    if not (is_epoch(exp) and exp <= issued["exp"]):
        raise ImproperlyConfigured("A token cannot outlive JWT_EXPIRATION_DELTA.")
    return sign_access_payload(dict(payload))


def decode(token: str, context: Any = None) -> JudgedPayload:
    """Return what an access token says. Raises `RevocationError`, a `JSONWebTokenError`."""
    if not isinstance(token, str):
        raise TokenInvalid
    return JudgedPayload(guard.judge(token, request=context))


def subject(payload: dict[str, Any]) -> Subject:
    """Return whom a payload that `decode` returned is about."""
    if not isinstance(payload, JudgedPayload):
        raise TokenInvalid("Invalid payload")
    return Subject(payload.identity)


def user(subject: str) -> Any:
    """Return the user of what `subject` returned: never looked up by a name."""
    if not isinstance(subject, Subject):
        raise TokenInvalid("Invalid payload")
    return subject.identity.user


def allow_any(info: ResolveInfo, **_: Any) -> bool:
    """Whether the original's middleware lets a field pass without looking at the token.

    Ours are for whoever has none any more: an expired token logs out. Once they have done what they
    do, neither is it in force for what they answer. Raises `Unauthenticated` where our middleware
    has looked: the original's would ask its backends whatever else might let somebody in.
    """
    returned, parent = map(_graphene_type_of, (info.return_type, info.parent_type))
    classes = tuple(jwt_settings.JWT_ALLOW_ANY_CLASSES)
    # The rules of the verbs of `revocation.graphql`; nobody else's types have any.
    verbs = (getattr(one, "perform", None) for one in (returned, parent))
    of_returned, of_parent = map(noted_rules, verbs)
    is_ours = PUBLIC in of_returned or bool(of_parent)
    if is_ours or issubclass(returned, classes) or issubclass(parent, classes):
        return True
    if journal.is_open() and guard.has_token(info.context):
        guard.identify(info.context)
    return journal.is_open()


def refresh_token(refresh_token_model: Any, token: str, context: Any = None) -> NoReturn:
    """Refuse: a row of `graphql_jwt.refresh_token` knows of no session, so no logout ends it."""
    raise RefreshInvalid


def _graphene_type_of(kind: Any) -> type:
    found: type = getattr(get_named_type(kind), "graphene_type", object)
    return found
