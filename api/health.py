"""Whether the process lives, and whether it can serve. Neither says why not: the log does."""

import logging
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process answers at all; asks nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 once the database answers and its tables are those of this code, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _ensure_migrated()
    except DatabaseError as error:
        logger.warning("Not ready: the database does not answer", exc_info=error)
        return _unavailable("database")
    except NotMigrated:
        return _unavailable("migrations")
    return JsonResponse({"status": "ok"})


class NotMigrated(Exception):
    """The database lacks tables that this code needs."""


@cache
def _ensure_migrated() -> None:
    """Raise `NotMigrated`, until once it did not: no migration is undone at run time."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated


def _unavailable(missing: str) -> HttpResponse:
    return JsonResponse({"status": "unavailable", "missing": missing}, status=503)
