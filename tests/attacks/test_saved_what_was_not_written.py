"""An object says more than a save writes: what it does not write ends nobody's session.

A worker that loaded a user earlier saves one field of it, or a fixture has the child's row alone.
"""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.serializers.base import DeserializedObject

from revocation import sessions, standing
from revocation.models import RevokedToken
from tests.attacks.child_models import derived
from tests.client import ME, PASSWORD
from tests.revocation.legacy.old_world import access_token, soon
from tests.revocation.verdicts import judged

pytestmark = pytest.mark.django_db(transaction=True)

ALICE = {"me": {"username": "alice"}}
NEW = "an entirely different one"


@pytest.fixture
def customer_model():
    with derived("Customer") as model:
        yield model


def test_a_password_of_long_ago_beside_another_field(graphql, alice):
    loaded_earlier = get_user_model().objects.get(pk=alice.pk)
    alice.set_password(NEW)
    alice.save()
    tokens = graphql.sign_in(password=NEW)

    loaded_earlier.save(update_fields=["is_active"])

    assert graphql.bearing(tokens)(ME).data == ALICE
    assert graphql.refresh(tokens).access


def test_an_inactive_user_of_long_ago_beside_the_password(graphql, alice, put):
    put(END_ON_PASSWORD_CHANGE=False)
    get_user_model().objects.update(is_active=False)
    loaded_earlier = get_user_model().objects.get(pk=alice.pk)
    get_user_model().objects.update(is_active=True)
    tokens = graphql.sign_in()

    loaded_earlier.set_password(NEW)
    loaded_earlier.save(update_fields=["password"])

    assert graphql.bearing(tokens)(ME).data == ALICE


def load_childs_row(**keys):
    """A fixture has the columns of each table apart, and the child's object has those alone."""
    DeserializedObject(apps.get_registered_model("attacks", "customer")(**keys)).save()


@pytest.mark.parametrize("keys", [["user_ptr_id"], ["user_ptr_id", "id"]], ids=len)
@pytest.mark.parametrize("is_there", [True, False], ids=["there", "new"])
def test_the_row_of_a_child_alone(graphql, alice, customer_model, is_there, keys):
    if is_there:
        load_childs_row(user_ptr_id=alice.pk)
    tokens = graphql.sign_in()

    load_childs_row(**dict.fromkeys(keys, alice.pk))

    assert graphql.bearing(tokens)(ME).data == ALICE
    assert customer_model.objects.get().check_password(PASSWORD)


def test_the_row_of_a_child_alone_and_a_legacy_token(graphql, alice, customer_model, put):
    put(ACCEPT_LEGACY_UNTIL=soon())
    token = access_token(alice)

    load_childs_row(user_ptr_id=alice.pk, id=alice.pk)

    assert graphql.bearing(token)(ME).data == ALICE
    assert not RevokedToken.objects.exists()


def test_a_child_that_is_written_ends_its_users(alice, customer_model):
    pair = sessions.open_session(alice)
    customer = customer_model(user_ptr_id=alice.pk)
    customer.__dict__.update({name: value for name, value in vars(alice).items() if name[0] != "_"})
    customer.is_active = False

    customer.save()

    assert judged(pair.access_token) == "USER_INACTIVE"
    assert RevokedToken.objects.count() == 1


def test_a_property_may_read_what_is_written(alice, monkeypatch):
    """Nobody knows which fields a property reads."""
    is_active = property(lambda user: user.last_name != "Banned", lambda user, value: None)
    monkeypatch.setattr(get_user_model(), "is_active", is_active)
    monkeypatch.setattr(standing, "is_field", lambda name: name != "is_active")
    pair = sessions.open_session(alice)
    alice.last_name = "Banned"

    alice.save(update_fields=["last_name"])

    assert judged(pair.access_token) == "USER_INACTIVE"
    assert RevokedToken.objects.count() == 1
