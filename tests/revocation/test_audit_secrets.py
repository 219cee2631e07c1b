"""No secret reaches any log, whatever is done and whatever goes wrong; and nobody forges a line."""

import io
import logging
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from api.log import JSONFormatter
from revocation.models import FailedAttempt, RevokedToken, Session
from tests.client import LOGOUT, ME, REFRESH, SIGN_IN, GraphQLClient
from tests.revocation.oauth.conftest import FORM, NAME, SECRET, basic

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW, WRONG = "old-Xr7Qm2Lw9Tz", "new-Kp4Vn8Bs3Hd", "wrong-Gf6Yc1Je5Ua"
# A password in the wrong box.
AS_NAME = "name-Wd9Sk3Pz7Mq"
AGENT = "agent-Ht2Rb6Nx8Cv\nevent=session_ended reason=logout session=forged"
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""


class Lines(logging.Handler):
    """Everything that is logged, by anybody and of whatever level, in both forms."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record):
        for form in (JSONFormatter(), logging.Formatter("%(name)s %(message)s %(audit)s")):
            record.__dict__.setdefault("audit", {})
            self.text += form.format(record) + "\n"


@pytest.fixture
def lines():
    handler, loggers = Lines(), [logging.getLogger(), logging.getLogger("django")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel("DEBUG")
    yield handler
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


@pytest.fixture
def typed():
    """What was given to whoever signed in: no line may have it."""
    return []


@pytest.fixture
def phone(db, typed, settings):
    settings.REVOCATION = settings.REVOCATION | {
        "GRACE_SECONDS": 0,
        "OAUTH_CLIENTS": {NAME: SECRET},
    }
    get_user_model().objects.create_user("alice", password=OLD)
    http = Client(HTTP_USER_AGENT=AGENT, raise_request_exception=False)
    return GraphQLClient(http)


def kept(typed):
    """What the database has of secrets, beside what clients were given."""
    users = get_user_model().objects.values_list("password", flat=True)
    fingerprints = Session.objects.values_list("fingerprint", flat=True)
    counters = FailedAttempt.objects.values_list("counter", flat=True)
    # The signature alone would be half of a token.
    parts = [text.rpartition(".")[2] for text in typed]
    # Rows of turns are on no counter.
    return {*users, *fingerprints, *filter(None, counters), *parts, *typed}


def live(phone, typed):
    """Do all there is to do, well and badly."""
    first = phone.sign_in(password=OLD)
    second = phone.refresh(first)
    typed += [first.access, first.refresh, second.access, second.refresh]
    phone.bearing(second)(ME)
    for name, password in [(AS_NAME, WRONG)] * 10 + [("alice", WRONG), (f"{AS_NAME}\0", OLD)]:
        phone(SIGN_IN, username=name, password=password)
    phone.http.post("/admin/login/", {"username": AS_NAME, "password": WRONG})
    phone.bearing(second)(CHANGE, old=WRONG, new=NEW)
    changed = phone.bearing(second)(CHANGE, old=OLD, new=NEW).data["changePassword"]
    typed += [changed["token"], changed["refreshToken"]]
    renewed = phone.refresh(changed["refreshToken"])
    typed += [renewed.access, renewed.refresh]
    phone(REFRESH, token=changed["refreshToken"])
    for text in (*typed, f"{renewed.access}=", WRONG):
        phone.bearing(text)(LOGOUT)
        form = urlencode({"token": text})
        phone.http.post("/oauth/revoke", form, content_type=FORM, headers=basic())
        with suppress(Exception):
            call_command("revoke", "--token", text, stdout=io.StringIO())


def test_no_secret_reaches_a_log(phone, typed, lines):
    live(phone, typed)

    assert "event=session_opened" in lines.text
    assert "event=refresh_reused" in lines.text
    assert "event=locked_out" in lines.text
    assert "event=token_revoked" in lines.text
    for secret in {OLD, NEW, WRONG, AS_NAME, SECRET} | kept(typed):
        assert secret not in lines.text


def test_nothing_that_a_client_says_of_itself_forges_a_line(phone, typed, lines):
    live(phone, typed)

    assert "forged" not in lines.text
    assert AGENT[:12] not in lines.text


def test_a_failure_of_the_database_tells_none_either(phone, typed, lines, monkeypatch):
    from django.db import OperationalError

    def fail(*_, **__):
        raise OperationalError("disk full")

    monkeypatch.setattr(RevokedToken.objects, "using", fail)
    with suppress(AssertionError):
        live(phone, typed)

    for secret in {OLD, NEW, WRONG, AS_NAME} | kept(typed):
        assert secret not in lines.text
