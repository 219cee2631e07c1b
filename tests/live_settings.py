"""The API's own settings, read from the environment, for the server of `tests.live`."""

import os

from api.settings import *  # noqa: F403
from api.settings import DATABASES, MIDDLEWARE, env


def name_worker(get_response):
    """Middleware: say which worker process answered."""

    def answer(request):
        response = get_response(request)
        response.headers["X-Worker"] = str(os.getpid())
        return response

    return answer


MIDDLEWARE = ["tests.live_settings.name_worker", *MIDDLEWARE]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = env.str("ROOT_URLCONF", default="api.urls")
DATABASES["default"]["ATOMIC_REQUESTS"] = env.bool("ATOMIC_REQUESTS", default=False)
