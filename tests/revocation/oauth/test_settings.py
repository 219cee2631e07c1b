"""A client that could be guessed, or is none, is refused before it is believed."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from revocation.conf import conf
from tests.revocation.oauth.conftest import SECRET

WEAK = "31 characters, a secret of mine"


@pytest.mark.parametrize(
    ("clients", "fact"),
    [
        (["billing"], "no dictionary"),
        (f"billing={SECRET}", "no dictionary"),
        ({"billing": WEAK}, "fewer than 32 characters, that of 'billing'"),
        ({"mail": SECRET, "billing": ""}, "fewer than 32 characters, that of 'billing'"),
        ({"billing": None}, "fewer than 32 characters"),
        ({"": SECRET}, "without a name"),
        ({7: SECRET}, "without a name"),
    ],
)
def test_it_is_refused_with_a_hint_that_can_be_pasted(settings, clients, fact):
    settings.REVOCATION = {"OAUTH_CLIENTS": clients}

    with pytest.raises(ImproperlyConfigured, match=fact) as refused:
        conf()

    assert 'REVOCATION["OAUTH_CLIENTS"] = {"billing": secret}' in str(refused.value)
    assert WEAK not in str(refused.value)


@pytest.mark.parametrize("clients", [{}, {"billing": SECRET}, {"billing": SECRET, "mail": SECRET}])
def test_strong_ones_stand(settings, clients):
    settings.REVOCATION = {"OAUTH_CLIENTS": clients}

    assert conf().oauth_clients == clients
