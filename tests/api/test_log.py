"""What `LOG_FORMAT` makes of a record: a line, or an object on a line."""

import json
import logging
import subprocess
import sys

import pytest

from api.log import JSONFormatter, LineFormatter, written_as


def record(message="Hello", *arguments, exc_info=None, **extra):
    made = logging.LogRecord(
        "revocation.audit", logging.INFO, __file__, 1, message, arguments, exc_info
    )
    made.__dict__.update(extra)
    made.created = 0.25
    return made


def shown(made):
    [line] = JSONFormatter().format(made).splitlines()
    return json.loads(line)


def test_it_says_when_how_grave_by_whom_and_what():
    assert shown(record("%s is %d", "one", 1)) == {
        "time": "1970-01-01T00:00:00.250+00:00",
        "level": "INFO",
        "logger": "revocation.audit",
        "message": "one is 1",
    }


def test_each_field_of_the_audit_log_has_its_name():
    said = shown(record(audit={"event": "locked_out", "door": "sign-in", "jti": None}))

    assert (said["event"], said["door"]) == ("locked_out", "sign-in")
    assert "jti" not in said


def test_nothing_ends_a_line_before_its_end():
    forged = 'x\n{"event": "forged"}\r\x85\u2028"'

    said = shown(record(forged, audit={"user": forged}))

    assert said["message"] == said["user"] == forged


def test_a_traceback_is_a_value_of_that_line():
    said = shown(record(exc_info=(KeyError, KeyError("boom"), None)))

    assert said["traceback"] == "KeyError: 'boom'"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028"], ids=ascii)
def test_no_traceback_forges_a_line(end):
    """What an exception quotes may come from a client."""
    forged = (
        f"no such name: x{end}2026-01-01 00:00:00,000 INFO revocation.audit event=session_opened"
    )
    formatter = LineFormatter("%(asctime)s %(message)s", "2026")

    said = formatter.format(record("It failed", exc_info=(KeyError, ValueError(forged), None)))

    first, *others = said.splitlines()
    assert first == "2026 It failed"
    assert {line[:2] for line in others} == {"  "}


@pytest.mark.parametrize(
    ("form", "line"),
    [("line", "INFO revocation.audit event=x\n"), ("json", '"message": "event=x"}\n')],
)
def test_the_audit_log_is_written_to_standard_error(form, line):
    configure = f"import logging, logging.config; logging.config.dictConfig({written_as(form)!r}); "
    log = "logging.getLogger('revocation.audit').info('event=x')"

    done = subprocess.run(
        [sys.executable, "-c", configure + log], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr.endswith(line)) == ("", True)
