"""A user who is given a row in a model derived from the user model is no new user.

With multi-table inheritance Django calls the save "created", for the child row alone.
"""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection

from tests.client import ME

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer_model():
    """A model derived from the user model, for as long as the test runs."""
    user_model = get_user_model()

    class Customer(user_model):
        class Meta:
            app_label = "attacks"

    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        editor.create_model(Customer)
    yield Customer
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        editor.delete_model(Customer)
    del apps.all_models["attacks"]["customer"], user_model.customer
    apps.clear_cache()


def test_the_promotion_signs_nobody_out(graphql, alice, customer_model):
    tokens = graphql.sign_in()

    customer = customer_model(user_ptr_id=alice.pk)
    customer.__dict__.update({name: value for name, value in vars(alice).items() if name[0] != "_"})
    customer.save()

    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
