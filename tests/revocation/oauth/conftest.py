from base64 import b64encode
from urllib.parse import quote_plus, urlencode

import pytest
from django.test import Client

from revocation import sessions

FORM = "application/x-www-form-urlencoded"
NAME, SECRET = "billing", "the secret of billing: 32 or more + %"


def basic(name=NAME, secret=SECRET):
    words = f"{quote_plus(name)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {b64encode(words.encode()).decode()}"}


@pytest.fixture(autouse=True)
def configured(settings):
    settings.REVOCATION = {"OAUTH_CLIENTS": {NAME: SECRET}}


@pytest.fixture
def pair(alice):
    return sessions.open_session(alice)


@pytest.fixture
def ask():
    """Post a form as a configured client."""

    def ask(path, headers=None, **form):
        # As a service would: no cookie, and no CSRF token.
        client = Client(enforce_csrf_checks=True)
        headers = basic() if headers is None else headers
        return client.post(path, urlencode(form, doseq=True), content_type=FORM, headers=headers)

    return ask
