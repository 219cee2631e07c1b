"""Libraries that read their settings once, when they are imported: their apps, and the settings."""

from typing import Any

from . import stage

SIMPLE_JWT_APPS = ["rest_framework_simplejwt", "rest_framework_simplejwt.token_blacklist"]
SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": stage.TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": stage.REFRESH_LIFETIME,
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
}

GQL_AUTH_APPS = ["strawberry_django", "gqlauth"]


def gql_auth() -> Any:
    """Return the settings of strawberry-django-auth, which are an object of a class of its own."""
    from gqlauth.settings_type import GqlAuthSettings

    return GqlAuthSettings(
        LOGIN_REQUIRE_CAPTCHA=False,
        REGISTER_REQUIRE_CAPTCHA=False,
        ALLOW_LOGIN_NOT_VERIFIED=True,
        JWT_EXPIRATION_DELTA=stage.TOKEN_LIFETIME,
    )
