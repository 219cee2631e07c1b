"""What django-graphql-jwt lacks, in the form the rest of the schema has."""

import pytest

from tests.client import PASSWORD
from tests.migration.forms import ME

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.urls")]


@pytest.fixture
def signed_in(front_end):
    return front_end.sign_in(more="refreshToken")


def test_a_logout_ends_the_session_of_the_header(front_end, signed_in):
    client = front_end.bearing(signed_in["token"])

    assert client.mutate("logout", "ok").data == {"ok": True}

    assert client.ask(ME).message == "Token has been revoked"


def test_a_logout_ends_the_session_of_the_argument(front_end, signed_in):
    front_end.mutate("logout", "ok", refreshToken=signed_in["refreshToken"])

    assert front_end.bearing(signed_in["token"]).ask(ME).message == "Token has been revoked"


def test_one_can_log_out_everywhere_else(front_end, signed_in):
    other = front_end.sign_in()["token"]
    client = front_end.bearing(signed_in["token"])

    assert client.mutate("logoutAll", "ended", exceptCurrent=True).data == {"ended": 1}

    assert client.ask(ME).data == {"username": "alice"}
    assert front_end.bearing(other).ask(ME).message == "Token has been revoked"


def test_a_session_is_ended_by_its_id(front_end, signed_in):
    other = front_end.sign_in()
    client = front_end.bearing(signed_in["token"])

    assert client.mutate("revokeSession", "ok", id=other["payload"]["sid"]).data == {"ok": True}

    assert front_end.bearing(other["token"]).ask(ME).message == "Token has been revoked"


def test_a_changed_password_leaves_one_session(front_end, signed_in):
    answer = front_end.bearing(signed_in["token"]).mutate(
        "changePassword", "ok token", oldPassword=PASSWORD, newPassword="an entirely different one"
    )

    assert front_end.bearing(answer.data["token"]).ask(ME).data == {"username": "alice"}
    assert front_end.bearing(signed_in["token"]).ask(ME).message == "Token has been revoked"
