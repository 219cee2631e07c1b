"""The API's own settings, with a cheap password hasher and a secret of its own."""

from api.settings import *  # noqa: F403

DEBUG = False
HTTPS = SECURE_SSL_REDIRECT = False
SECRET_KEY = "a-secret-for-tests-alone-and-longer-than-32-bytes"
ALLOWED_HOSTS = ["*"]
GRAPHIQL = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# What docs/rest.md tells a project to set.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "revocation.contrib.rest_framework.AccessTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "revocation.contrib.rest_framework.exception_handler",
}
