"""What the example makes of tokens and lists that no issuer of ours would sign."""

import pytest

from tests.examples.asking import answers

IN, OUT, UNKNOWN = ["let in"], ["Refused"], ["Unknown"]
LIST_BITS = 2**20


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "AT+JWT"},
        {"typ": None},
        {"crit": ["exp"]},
        {"crit": []},
        {"kid": "two"},
        {"kid": None},
        {"alg": "ES256"},
        {"alg": "HS256"},
        {"alg": "none"},
    ],
)
def test_a_token_that_says_of_itself_what_is_not_so_is_refused(header):
    assert answers(0, header=header) == OUT


class TestAddressing:
    ISSUER, AUDIENCE = "https://api.example.com", "billing"

    @pytest.mark.parametrize(
        ("claims", "said"),
        [
            ({"iss": ISSUER, "aud": AUDIENCE}, IN),
            ({"iss": ISSUER, "aud": ["mail", AUDIENCE]}, IN),
            ({"iss": ISSUER}, OUT),
            ({"iss": ISSUER, "aud": "mail"}, OUT),
            ({"iss": ISSUER, "aud": [["mail", AUDIENCE]]}, OUT),
            ({"aud": AUDIENCE}, OUT),
            ({"iss": f"{ISSUER}/", "aud": AUDIENCE}, OUT),
        ],
    )
    def test_a_token_for_somebody_else_is_refused(self, claims, said):
        options = {"issuer": self.ISSUER, "audience": self.AUDIENCE}

        assert answers(0, claims=claims, options=options) == said


class TestKey:
    def test_one_that_encrypts_signs_nothing(self):
        assert answers(0, jwk={"use": "enc"}) == OUT

    @pytest.mark.parametrize("alg", ["ES256", "HS256", "none"])
    def test_one_for_another_algorithm_verifies_nothing(self, alg):
        assert answers(0, jwk={"alg": alg})[0] != "let in"


class TestList:
    @pytest.mark.parametrize(
        ("entries", "said"), [(8, IN), (0, OUT), (8 * LIST_BITS, IN), (2**26, UNKNOWN)]
    )
    def test_one_that_would_fill_the_memory_is_not_unpacked(self, entries, said):
        assert answers(0, entries=entries) == said

    @pytest.mark.parametrize(
        "claims",
        [
            {"iat": 999_999_000, "exp": 1_000_000_000},
            {"iat": 1_000_000_000, "exp": 1_000_000_000},
            {"iat": 1_000_000_061, "exp": 1_000_000_200},
            {"iat": "1000000000"},
            {"exp": 1e300},
            {"ttl": 0},
            {"ttl": None},
            {"sub": "https://api.example.com/status/1"},
            {"status_list": {"bits": 1, "lst": ""}},
            {"status_list": {"bits": 1, "lst": "!!!"}},
            {"status_list": {"bits": 1, "lst": ["eNpjAAAAAQAB"]}},
            {"status_list": {"bits": "1", "lst": "eNpjAAAAAQAB"}},
            {"status_list": None},
        ],
    )
    def test_one_that_is_not_of_now_or_no_list_tells_nothing(self, claims):
        assert answers(0, list=claims) == UNKNOWN
