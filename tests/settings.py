"""The API's own settings, with a cheap password hasher and a secret of its own."""

from api.settings import *  # noqa: F403

DEBUG = False
HTTPS = SECURE_SSL_REDIRECT = False
SECRET_KEY = "a-secret-for-tests-alone-and-longer-than-32-bytes"
ALLOWED_HOSTS = ["*"]
GRAPHIQL = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
