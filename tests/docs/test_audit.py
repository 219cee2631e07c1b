"""The tables and the examples of docs/audit.md."""

import logging
import re

import pytest
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.core import mail
from django.dispatch import Signal

from revocation import audit, signals
from revocation.claims import is_id
from revocation.conf import conf
from revocation.occasions import Reason
from tests.client import LOGOUT
from tests.docs.examples import DOCS, examples, run
from tests.revocation.told import told as heard_by

PAGE = "audit.md"
TEXT = (DOCS / PAGE).read_text()
LINE = re.compile(r"^event=.+$", re.MULTILINE)


def table(first):
    """Return the rows of the table whose first column is called so, without their quotes."""
    _, found, below = TEXT.partition(f"\n| {first} |")
    assert found
    rows = below.partition("\n\n")[0].split("\n")[2:]
    return [[cell.strip() for cell in row.strip("| ").split(" | ")] for row in rows]


def names(text):
    return re.findall(r"`(\w+)`", text)


class TestTables:
    def test_every_event_has_a_row_with_its_level(self):
        rows = {names(event)[0]: level for event, level, *_ in table("event")}

        assert list(rows) == list(audit.EVENTS.values())
        assert {event for event, level in rows.items() if level == "warning"} == audit.ALARMS

    def test_every_signal_is_an_event(self):
        there = {one: name for name, one in vars(signals).items() if isinstance(one, Signal)}

        # That a store failed happened to nobody's session.
        told = {one: name for one, name in there.items() if name != "store_failed"}
        assert told == dict(audit.EVENTS)

    def test_every_field_has_a_row(self):
        assert [names(row[0])[0] for row in table("field")] == list(audit.FIELDS)

    def test_every_reason_has_a_row(self):
        assert [names(row[0])[0] for row in table("reason")] == list(Reason)

    def test_every_event_has_an_example_with_the_fields_of_its_row(self):
        fields = {names(row[0])[0]: ["event", *names(row[3])] for row in table("event")}
        _, _, below = TEXT.partition("An example of each:")
        shown = LINE.findall(below.partition("| field |")[0])

        assert len(shown) == len(fields)
        for event, line in zip(fields, shown, strict=True):
            said = dict(pair.split("=") for pair in line.split())
            assert said["event"] == event
            assert set(said) <= set(fields[event])
            assert list(said) == [name for name in audit.FIELDS if name in said]
            assert said.get("reason") in {None, *Reason}
            assert all(is_id(said[name]) for name in ("session", "jti") if name in said)


@pytest.mark.django_db(transaction=True)
class TestExamples:
    @pytest.fixture
    def heard(self):
        with heard_by() as found:
            yield found

    def test_code_says_why(self, alice, graphql, heard):
        [source] = examples(PAGE, "Reasons")
        log_out_everywhere = run(source)["log_out_everywhere"]
        graphql.sign_in()
        heard.forget()

        assert log_out_everywhere(alice) == 1
        assert heard.events == [("session_ended", "admin", alice)]

    def test_a_receiver_hears_of_reuse(self, alice, graphql, settings):
        settings.REVOCATION = settings.REVOCATION | {"GRACE_SECONDS": 0}
        settings.ADMINS = [("Ann", "ann@example.com")]
        warn = run(examples(PAGE, "Signals")[0])["warn"]
        tokens = graphql.sign_in()
        graphql.refresh(tokens)

        graphql.try_refresh(tokens)
        signals.refresh_reused.disconnect(warn)

        [message] = mail.outbox
        assert f"of user {alice.pk}" in message.body

    def test_the_statement_can_be_spared(self, alice, graphql):
        try:
            run(examples(PAGE, "Signals")[1])
            graphql.sign_in()
        finally:
            user_logged_in.connect(update_last_login, dispatch_uid="update_last_login")

        alice.refresh_from_db()
        assert alice.last_login is None

    def test_a_formatter_of_a_projects_own_shows_the_fields(self, alice, graphql, heard):
        [source] = examples(PAGE, "Keeping it")
        wanted = run(source)["LOGGING"]["formatters"]["audit"]
        form = logging.Formatter(wanted["format"], style=wanted["style"])
        phone = graphql.bearing(graphql.sign_in())
        heard.forget()

        phone(LOGOUT)

        [record] = heard.records
        assert form.format(record).endswith(f" session_ended {alice.pk}")

    def test_devices_are_kept_for_less(self, settings):
        [source] = examples(PAGE, "What is kept of people")
        settings.REVOCATION = settings.REVOCATION | run(source)["REVOCATION"]

        assert conf().keep_device_for.days == 30
