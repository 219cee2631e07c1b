"""One contender's settings at a time, although Django has one set of them for the whole process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from unittest import mock

from django.test.utils import override_settings
from graphene_django.settings import DEFAULTS
from graphene_django.views import graphene_settings

from revocation import conf as conf_module
from revocation.conf import Conf

from .contenders import Contender

_readings: dict[str, Conf] = {}


@contextmanager
def in_force(contender: Contender) -> Iterator[None]:
    """Put a contender's settings in force inside the `with`; nothing else may run meanwhile.

    Libraries that keep what they have read are told, and read anew.
    """
    read = partial(_reading, contender.name, conf_module._read)
    with override_settings(**contender.settings), mock.patch.object(conf_module, "_read", read):
        _forget_graphene()
        try:
            yield
        finally:
            _forget_graphene()


def _reading(name: str, read: Callable[[], Conf]) -> Conf:
    """Return what a contender has read of its settings for `revocation` the first time.

    By that reading a worker keeps its keys, its verified tokens and its connection to Redis for as
    long as it lives; the others' batches in between must not take them away.
    """
    return _readings.get(name) or _readings.setdefault(name, read())


def _forget_graphene() -> None:
    """Let graphene-django's view read its settings again.

    When they change, graphene-django makes a new object of them; its view keeps the first one.
    """
    for name in ("_user_settings", *DEFAULTS):
        vars(graphene_settings).pop(name, None)
