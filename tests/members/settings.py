"""A live server for members instead of users, that reads from a replica where nobody else says."""

from api.databases import database
from tests.live_settings import *  # noqa: F403
from tests.live_settings import DATABASES, INSTALLED_APPS, env

INSTALLED_APPS = [*INSTALLED_APPS, "tests.members"]
AUTH_USER_MODEL = "members.Member"
ROOT_URLCONF = "tests.members.urls"


class ReadsFromReplica:
    def db_for_read(self, model, **hints):
        return "replica"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"


if env.str("REPLICA_URL", default=""):
    DATABASES["replica"] = database("REPLICA_URL")
    DATABASE_ROUTERS = ["tests.members.settings.ReadsFromReplica"]
