"""A proxy of the user model is the user model: who is created through it inherits no session."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from revocation import guard, sessions
from revocation.errors import Unauthenticated

pytestmark = pytest.mark.django_db

IMPORTED = timezone.now()


class Teacher(get_user_model()):
    class Meta:
        proxy = True
        app_label = "attacks"


def test_the_token_does_not_become_the_heirs():
    gone = Teacher.objects.create(username="gone", date_joined=IMPORTED)
    pair = sessions.open_session(get_user_model().objects.get(pk=gone.pk))
    pk = gone.pk
    gone.delete()

    Teacher.objects.create(username="heir", pk=pk, date_joined=IMPORTED)

    with pytest.raises(Unauthenticated):
        guard.judge(pair.access_token)
