"""The API's own settings, read from the environment, for the server of `tests.live`."""

import ctypes
import os
import signal
import sys

from api.settings import *  # noqa: F403
from api.settings import DATABASES, MIDDLEWARE, env


def name_worker(get_response):
    """Middleware: say which worker process answered."""

    def answer(request):
        response = get_response(request)
        response.headers["X-Worker"] = str(os.getpid())
        return response

    return answer


def end_with_parent():
    """Have this process stopped when the one that started it dies, be it killed: a test run."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


end_with_parent()
MIDDLEWARE = ["tests.live_settings.name_worker", *MIDDLEWARE]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = env.str("ROOT_URLCONF", default="api.urls")
DATABASES["default"]["ATOMIC_REQUESTS"] = env.bool("ATOMIC_REQUESTS", default=False)
