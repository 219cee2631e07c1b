"""Models derived from the user model, with tables of their own for as long as a test runs."""

from contextlib import contextmanager

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection


@contextmanager
def derived(name, **fields):
    """Give a model of this name and these fields, and take it away again."""
    user_model = get_user_model()
    meta = type("Meta", (), {"app_label": "attacks"})
    model = type(name, (user_model,), {"__module__": __name__, "Meta": meta, **fields})
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        editor.create_model(model)
    yield model
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        editor.delete_model(model)
    del apps.all_models["attacks"][name.lower()]
    delattr(user_model, name.lower())
    apps.clear_cache()
