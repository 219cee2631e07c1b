"""Django's MariaDB backend for connections that are kept."""

from django.db.backends.mysql import base

from api.keeping import KeptConnection


class DatabaseWrapper(KeptConnection, base.DatabaseWrapper):
    pass
