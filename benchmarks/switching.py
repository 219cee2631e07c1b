"""One contender's settings at a time, although Django has one set of them for the whole process."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test.utils import override_settings
from graphene_django.settings import DEFAULTS
from graphene_django.views import graphene_settings

from .contenders import Contender


@contextmanager
def in_force(contender: Contender) -> Iterator[None]:
    """Put a contender's settings in force inside the `with`; nothing else may run meanwhile.

    Libraries that keep what they have read are told, and read anew.
    """
    with override_settings(**contender.settings):
        _forget_graphene()
        try:
            yield
        finally:
            _forget_graphene()


def _forget_graphene() -> None:
    """Let graphene-django's view read its settings again.

    When they change, graphene-django makes a new object of them; its view keeps the first one.
    """
    for name in ("_user_settings", *DEFAULTS):
        vars(graphene_settings).pop(name, None)
