"""Whoever has a member of staff's token or session guesses the password behind it in the admin.

Its page for a new password asks for the old one, as `changePassword` does, and must not be a way
around what is counted there.
"""

import pytest
from django.test import Client
from django.utils import timezone

from revocation import sessions
from revocation.models import FailedAttempt
from tests.client import PASSWORD

NEW = "another long password"
WRONG = 12

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(make_user):
    return make_user("staff", is_staff=True)


@pytest.fixture(params=["token", "session"])
def thief(request, staff):
    if request.param == "token":
        token = sessions.open_session(staff).access_token
        return Client(headers={"authorization": f"Bearer {token}"})
    client = Client()
    client.force_login(staff)
    return client


def guess(thief, password):
    form = {"old_password": password, "new_password1": NEW, "new_password2": NEW}
    thief.post("/admin/password_change/", form)


def test_a_right_one_is_answered_as_it_was_treated_however_many_wrong_ones_come_beside_it(
    thief, staff, monkeypatch
):
    save = type(staff).save

    def save_while_others_guess(user, *args, **kwargs):
        save(user, *args, **kwargs)
        FailedAttempt.objects.bulk_create(
            FailedAttempt(counter=counter, failed_at=timezone.now())
            for counter in set(FailedAttempt.objects.values_list("counter", flat=True))
            for _ in range(WRONG)
        )

    guess(thief, "wrong")
    monkeypatch.setattr(type(staff), "save", save_while_others_guess)
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    status = thief.post("/admin/password_change/", form).status_code

    staff.refresh_from_db()
    assert (status == 302) == staff.check_password(NEW)


def test_after_so_many_wrong_ones_the_right_one_is_not_looked_at(thief, staff):
    for _ in range(WRONG):
        guess(thief, "wrong")
    guess(thief, PASSWORD)

    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)
