"""A front end for each form."""

import pytest
from django.test import Client

from tests.migration.forms import FORMS, FrontEnd


@pytest.fixture(params=FORMS)
def front_end(request, alice):
    return FrontEnd(request.param, Client(raise_request_exception=False))
