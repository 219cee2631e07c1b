"""What is logged, and how it is written: as lines, or as JSON for whoever collects them."""

import json
import logging
from datetime import UTC, datetime
from typing import Any


def written_as(form: str) -> dict[str, Any]:
    """Return Django's `LOGGING`: everything to standard error, as `line` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "class": "api.log.LineFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
            "json": {"()": "api.log.JSONFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # Django's own handler mails tracebacks with the local variables of every frame.
            "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
            # A refused request is the client's business and is answered, not logged.
            "django.request": {"level": "ERROR"},
            # Who signed in, refreshed, logged out, or was logged out: docs/audit.md.
            "revocation.audit": {"level": "INFO"},
        },
    }


class LineFormatter(logging.Formatter):
    """A line; what follows, a traceback say, is indented: nothing in it passes for a line."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n  ".join(super().format(record).splitlines())


class JSONFormatter(logging.Formatter):
    """Time (UTC), level, logger and message; what the audit log says, each field by its name."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        said: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        audit: dict[str, Any] = getattr(record, "audit", {})
        said.update((name, value) for name, value in audit.items() if value is not None)
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        # Whatever is not ASCII is escaped, and with it whatever ends a line.
        return json.dumps(said)
