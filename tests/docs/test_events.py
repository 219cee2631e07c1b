"""The examples of docs/events.md, and its table of settings."""

import re

import pytest
from django.contrib.auth.models import Group

from revocation import sessions
from revocation.problems import problems
from revocation.written import REVOCATION_DEFAULTS
from tests.docs.examples import DOCS, examples, run
from tests.revocation.verdicts import judged

PAGE = "events.md"


def test_its_settings_can_be_pasted(settings):
    [source] = examples(PAGE, "Events")
    settings.REVOCATION = run(source)["REVOCATION"]

    assert problems() == []


def test_it_tells_the_defaults():
    table = (DOCS / PAGE).read_text().partition("## Events")[2].partition("```")[0]
    told = re.findall(r"^\|.+\| `(\w+)` \| ([\w ]+) \|", table, re.MULTILINE)
    words = {True: "on", False: "off", None: "none"}

    assert len(told) == 6
    for name, default in told:
        value = REVOCATION_DEFAULTS[name]
        assert default == words.get(value, f"{getattr(value, 'days', '')} days")


@pytest.mark.django_db
def test_who_is_dismissed_from_a_group_is_signed_out(alice):
    [source] = examples(PAGE, "Which changes of a user are seen")
    editors = Group.objects.create(name="editors")
    alice.groups.add(editors)
    pair = sessions.open_session(alice)

    run(source)["dismiss"](alice, editors)

    assert judged(pair.access_token) == "TOKEN_REVOKED"
    assert not alice.groups.exists()


@pytest.mark.django_db
def test_a_password_given_in_a_transaction_leaves_sessions_alone(alice, settings):
    [source] = examples(PAGE, "Switched off")
    settings.REVOCATION = settings.REVOCATION | {"END_ON_PASSWORD_CHANGE": False}
    pair = sessions.open_session(alice)

    run(source)["give_password"](alice, "an entirely different one")

    alice.refresh_from_db()
    assert alice.check_password("an entirely different one")
    assert judged(pair.access_token) == "good"
