"""What another worker does between the rollback of a request and its replay."""

from contextlib import contextmanager

from django.conf import settings as configured
from django.db import connection

in_between = []


@contextmanager
def interleaved(settings, monkeypatch, *, atomic="ATOMIC_REQUESTS"):
    """Let requests run in a transaction, and then what was appended to `in_between`."""
    in_between.clear()
    settings.MIDDLEWARE = [*configured.MIDDLEWARE, f"{__name__}.{interleave.__name__}"]
    monkeypatch.setitem(connection.settings_dict, atomic, True)
    yield
    in_between.clear()


def interleave(get_response):
    """Middleware inside ours: runs between the end of the transaction and the replay."""

    def answer(request):
        response = get_response(request)
        while in_between:
            in_between.pop()()
        return response

    return answer
