"""Two sign-ins at once hash the password anew; neither may overwrite what the other relies on."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db.models.signals import pre_save
from django.test import Client

from tests.client import ME, PASSWORD, GraphQLClient

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = (
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
)


@pytest.fixture
def overtaken(settings, alice):
    """What another sign-in was answered, just before this one saved its hash."""
    settings.PASSWORD_HASHERS = [OLD, NEW]
    get_user_model().objects.update(password=make_password(PASSWORD))
    settings.PASSWORD_HASHERS = [NEW, OLD]
    answers = []

    def sign_in_elsewhere(**_):
        pre_save.disconnect(sign_in_elsewhere, sender=get_user_model())
        answers.append(GraphQLClient(Client()).sign_in())

    pre_save.connect(sign_in_elsewhere, sender=get_user_model())
    yield answers
    pre_save.disconnect(sign_in_elsewhere, sender=get_user_model())


def test_both_sign_ins_hold(graphql, overtaken):
    mine = graphql.sign_in()

    assert overtaken
    for tokens in (mine, *overtaken):
        assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
