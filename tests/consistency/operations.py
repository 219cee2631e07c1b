"""What a client can ask for, and how an answer is read."""

import json
from base64 import urlsafe_b64decode
from hashlib import blake2b
from typing import Any

from .history import DATA, NO_ANSWER, UNREADABLE, UNSENT, Token
from .wire import Reply

# One root field each, named after it.
DOCUMENTS = {
    "tokenAuth": """mutation ($username: String!, $password: String!) {
      answer: tokenAuth(username: $username, password: $password) { token refreshToken }
    }""",
    "me": "{ answer: me { username } }",
    "verifyToken": "mutation { answer: verifyToken { payload } }",
    "sessions": "{ answer: sessions { id } }",
    "refreshToken": """mutation ($token: String) {
      answer: refreshToken(refreshToken: $token) { token refreshToken }
    }""",
    "logout": "mutation ($token: String) { answer: logout(refreshToken: $token) { ok } }",
    "revokeToken": """mutation ($token: String) {
      answer: revokeToken(refreshToken: $token) { revoked }
    }""",
    "logoutAll": """mutation ($kept: Boolean!) {
      answer: logoutAll(exceptCurrent: $kept) { ended }
    }""",
    "revokeSession": "mutation ($id: ID!) { answer: revokeSession(id: $id) { ok } }",
    "changePassword": """mutation ($old: String!, $new: String!) {
      answer: changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
    }""",
}
# They ask for an access token in force.
GUARDED = ("me", "verifyToken", "sessions", "logoutAll", "revokeSession", "changePassword")


def read(reply: Reply) -> tuple[str, str, Any]:
    """Return the outcome of a request, the message that came with it, and the answered field."""
    if not reply.was_sent:
        return UNSENT, "", None
    if reply.status == 0:
        return NO_ANSWER, "", None
    body = reply.body if isinstance(reply.body, dict) else {}
    answer = (body.get("data") or {}).get("answer")
    errors = body.get("errors")
    if errors and answer is None:
        extensions = errors[0].get("extensions", {})
        outcome = extensions.get("reason") or extensions.get("code") or UNREADABLE
        return outcome, errors[0].get("message", ""), None
    if errors or answer is None:
        return UNREADABLE, f"{reply.status} {reply.text}", None
    return DATA, "", answer


def access_token(text: str) -> Token:
    """Return what an access token says of itself."""
    claims = _claims(text)
    return Token(sid=claims["sid"], id=claims["jti"], exp=claims["exp"])


def refresh_token(text: str) -> Token:
    """Return what a refresh token says of itself, with a digest that tells texts apart."""
    claims = _claims(text)
    digest = blake2b(text.encode(), digest_size=8).hexdigest()
    return Token(sid=claims["sid"], id=digest, exp=claims["exp"], gen=claims["gen"])


def _claims(text: str) -> dict[str, Any]:
    payload = text.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
