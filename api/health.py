"""Whether the process lives, and whether it can serve. Neither says why not: the log does."""

import logging
from collections.abc import Callable
from functools import cache

from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .metrics.view import metrics

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
    except AnyDatabaseError as error:
        logger.warning("Not ready: the database does not answer", exc_info=error)
        return _unavailable("database")
    except NotMigrated:
        return _unavailable("migrations")
    return JsonResponse({"status": "ok"})


_VIEWS = {"/health/live": live, "/health/ready": ready, "/metrics": metrics}


class HealthMiddleware:
    """Put it before Django's own, which would ask a probe for HTTPS and for one of our names.

    A probe, and Prometheus, know nothing but the address of one process, and call it by that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = _VIEWS.get(request.path_info)
        return view(request) if view else self.get_response(request)


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
