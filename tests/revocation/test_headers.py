"""What counts as a token in the header, and what as none."""

from types import SimpleNamespace

import pytest

from revocation import guard
from revocation.errors import RevocationError

pytestmark = pytest.mark.django_db


def request_with(header):
    """As the server hands it over, spaces and all; `headers=` would trim them."""
    return SimpleNamespace(META={"HTTP_AUTHORIZATION": header})


def reason_of(header):
    with pytest.raises(RevocationError) as refusal:
        guard.identify(request_with(header))
    return refusal.value.reason


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "JWT", "jwt", "Jwt"])
@pytest.mark.parametrize(
    "form",
    ["{} {}", "{}\t{}", "{}    {}", "{} \t {}", "  {} {}", "{} {}  ", "\t{}\t{}\t", "{} {}\r\n"],
    ids=repr,
)
def test_scheme_and_spacing_do_not_matter(alice, issued, scheme, form):
    header = form.format(scheme, issued.access_token)

    assert guard.identify(request_with(header)).user == alice


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "JWT", "jwt"])
@pytest.mark.parametrize("rest", ["", " ", "\t", " null", " undefined", "   null  "], ids=repr)
def test_a_scheme_without_a_token_is_no_token(scheme, rest):
    assert not guard.has_token(request_with(scheme + rest))
    assert reason_of(scheme + rest) == "TOKEN_MISSING"


@pytest.mark.parametrize("header", ["", " ", "\t\t", "null", "undefined", "Bearer", "token"])
def test_a_header_that_names_no_token_is_no_token(header):
    assert reason_of(header) == "TOKEN_MISSING"


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Digest", "Negotiate", "Bearer:", "JWTs"])
def test_another_scheme_is_no_token_of_ours(issued, scheme):
    assert reason_of(f"{scheme} {issued.access_token}") == "TOKEN_MISSING"


def test_a_token_without_a_scheme_is_no_token(issued):
    assert reason_of(issued.access_token) == "TOKEN_MISSING"


@pytest.mark.parametrize("form", ["{0} x", "x {0}", "{0} {0}", "null {0}", "{0} null", "null null"])
def test_two_words_are_an_invalid_token(issued, form):
    header = f"Bearer {form.format(issued.access_token)}"

    assert guard.has_token(request_with(header))
    assert reason_of(header) == "TOKEN_INVALID"


@pytest.mark.parametrize("separator", [",", ";", "&", '"'])
def test_a_token_with_something_attached_is_an_invalid_token(issued, separator):
    assert reason_of(f"Bearer {issued.access_token}{separator}") == "TOKEN_INVALID"


def test_a_request_without_the_header_presents_no_token():
    assert not guard.has_token(SimpleNamespace(META={}))


class TestSettings:
    def test_a_prefix_of_ones_own_is_taken_beside_the_usual(self, alice, issued, settings):
        settings.GRAPHQL_JWT = {"JWT_AUTH_HEADER_PREFIX": "Token"}

        for scheme in ("Token", "token", "Bearer", "JWT"):
            request = request_with(f"{scheme} {issued.access_token}")
            assert guard.identify(request).user == alice

    def test_a_header_name_of_ones_own_replaces_the_usual(self, alice, issued, settings):
        settings.GRAPHQL_JWT = {"JWT_AUTH_HEADER_NAME": "HTTP_X_TOKEN"}
        request = SimpleNamespace(META={"HTTP_X_TOKEN": f"Bearer {issued.access_token}"})

        assert guard.identify(request).user == alice
        assert reason_of(f"Bearer {issued.access_token}") == "TOKEN_MISSING"
