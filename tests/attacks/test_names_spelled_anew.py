"""One account under many spellings is one account.

Some databases find `alice` for `ALICE`, for `álice`, and for names with invisible letters in them;
a counter for each spelling would be none.
"""

import pytest

from revocation import attempts
from revocation.errors import InvalidCredentials, TooManyAttempts
from tests.revocation.requests import request_with

pytestmark = pytest.mark.django_db

SPELLINGS = [
    "ALICE",
    "Álice",
    "a\u0301lice",
    "alice ",
    "\ufeffalice",
    "al\u200bice",
    "al\u00adice",
    "alice\x00",
    "alice\ud800",
    "\uff41\uff4c\uff49\uff43\uff45",
    "ali\u0345\u0300ce",
]


def close(name):
    """Guess until this name is looked at no more."""
    for _ in range(10):
        with pytest.raises(InvalidCredentials), attempts.signing_in(name, request=request_with()):
            raise InvalidCredentials


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
def test_it_has_one_counter(spelling):
    close("alice")

    with pytest.raises(TooManyAttempts), attempts.signing_in(spelling, request=request_with()):
        pass


@pytest.mark.parametrize("other", ["alicia", "al", "", "lice", "alice2"])
def test_another_name_has_another(other):
    close("alice")

    with attempts.signing_in(other, request=request_with()):
        pass


def test_of_a_long_name_only_the_beginning_is_looked_at():
    """Putting the accents of one into their order, a megabyte of them, takes minutes."""
    accents = "\u0301\u0316" * 150
    close(accents + "alice")

    with pytest.raises(TooManyAttempts), attempts.signing_in(accents, request=request_with()):
        pass
