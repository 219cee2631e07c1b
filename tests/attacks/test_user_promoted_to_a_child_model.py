"""A user who is given a row in a model derived from the user model is no new user.

With multi-table inheritance Django calls the save "created", for the child row alone.
"""

import pytest

from tests.attacks.child_models import derived
from tests.client import ME

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer_model():
    with derived("Customer") as model:
        yield model


def test_the_promotion_signs_nobody_out(graphql, alice, customer_model):
    tokens = graphql.sign_in()

    customer = customer_model(user_ptr_id=alice.pk)
    customer.__dict__.update({name: value for name, value in vars(alice).items() if name[0] != "_"})
    customer.save()

    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
