"""What makes code written for django-graphql-jwt ask our guard.

A project's settings import this module, so it imports nothing.
"""

_HANDLERS = "revocation.contrib.graphql_jwt.handlers"

HANDLERS = {
    # Nobody asks it with our handlers, and it keeps the settings from saying what is not so.
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_PAYLOAD_HANDLER": f"{_HANDLERS}.payload",
    "JWT_ENCODE_HANDLER": f"{_HANDLERS}.encode",
    "JWT_DECODE_HANDLER": f"{_HANDLERS}.decode",
    "JWT_PAYLOAD_GET_USERNAME_HANDLER": f"{_HANDLERS}.subject",
    "JWT_GET_USER_BY_NATURAL_KEY_HANDLER": f"{_HANDLERS}.user",
    "JWT_ALLOW_ANY_HANDLER": f"{_HANDLERS}.allow_any",
    "JWT_GET_REFRESH_TOKEN_HANDLER": f"{_HANDLERS}.refresh_token",
}
