"""The text of a token is not its identity: however it is written again, it stays what it was."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revocation import guard, sessions
from revocation.errors import RevocationError, TokenRevoked
from revocation.tokens import read_access, read_refresh
from tests.revocation.forge import forge, our_header, sign

pytestmark = pytest.mark.django_db

BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"

# The database is the same for every example, and only read.
on_one_database = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def last_character_changed(segment):
    """Change the bits of the last character that decoding drops."""
    return segment[:-1] + BASE64URL[BASE64URL.index(segment[-1]) ^ 1]


def in_each_segment(change):
    def rewrite(text, at):
        segments = text.split(".")
        segments[at] = change(segments[at])
        return ".".join(segments)

    return rewrite


REWRITES = {
    "padding": lambda segment: segment + "=" * (-len(segment) % 4),
    "one =": lambda segment: segment + "=",
    "two =": lambda segment: segment + "==",
    "three =": lambda segment: segment + "===",
    "= in front": lambda segment: "=" + segment,
    "standard alphabet": lambda segment: segment.replace("-", "+").replace("_", "/"),
    "percent encoding": lambda segment: segment.replace("-", "%2D").replace("e", "%65"),
    "unused bits": last_character_changed,
    "junk": lambda segment: segment[:4] + "!" + segment[4:],
    "space inside": lambda segment: segment[:4] + " " + segment[4:],
    "space behind": lambda segment: segment + " ",
    "line break inside": lambda segment: segment[:4] + "\n" + segment[4:],
    "line break behind": lambda segment: segment + "\r\n",
    "null byte inside": lambda segment: segment[:4] + "\0" + segment[4:],
    "null byte behind": lambda segment: segment + "\0",
    "zero-width space": lambda segment: segment + "\u200b",
    "byte order mark": lambda segment: "\ufeff" + segment,
    "full-width": lambda segment: segment[:-1] + chr(ord(segment[-1]) + 0xFEE0),
    "surrogate": lambda segment: segment + "\ud800",
    "upper case": str.upper,
    "doubled": lambda segment: segment + segment,
    "another segment": lambda segment: segment + "." + segment,
    "cut": lambda segment: segment[:-1],
    "empty": lambda segment: "",
}


@pytest.mark.parametrize("at", [0, 1, 2], ids=["header", "claims", "signature"])
@pytest.mark.parametrize("change", REWRITES.values(), ids=REWRITES)
class TestRewriting:
    def test_a_revoked_token_stays_refused(self, issued, change, at):
        rewritten = in_each_segment(change)(issued.access_token, at)
        sessions.end(read_access(issued.access_token))

        with pytest.raises(RevocationError) as refusal:
            guard.judge(rewritten)

        assert refusal.value.reason in {"TOKEN_REVOKED", "TOKEN_INVALID"}

    def test_what_is_still_accepted_is_the_same_token(self, issued, change, at):
        rewritten = in_each_segment(change)(issued.access_token, at)

        assert claims_or_refusal(rewritten) in {"TOKEN_INVALID", issued.payload["jti"]}

    def test_a_refresh_token_rewritten_is_the_same_or_none(self, issued, change, at):
        rewritten = in_each_segment(change)(issued.refresh_token, at)

        assert refresh_or_refusal(rewritten) in {"REFRESH_INVALID", issued.payload["sid"]}


def claims_or_refusal(text):
    try:
        return guard.judge(text).claims.jti
    except RevocationError as refusal:
        return refusal.reason


def refresh_or_refusal(text):
    try:
        return read_refresh(text).sid
    except RevocationError as refusal:
        return refusal.reason


def test_the_same_claims_signed_anew_are_revoked_as_well(issued):
    again = forge(issued.access_token, header={"x": "another text"}, y="another claim")
    assert claims_or_refusal(again) == issued.payload["jti"]

    sessions.end(read_access(issued.access_token))

    with pytest.raises(TokenRevoked):
        guard.judge(again)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "a.b.c", "é.ü.ß", "\0.\0.\0", "\ud800", "💥"]
)
def test_text_that_is_no_token_is_refused(text):
    assert claims_or_refusal(text) == "TOKEN_INVALID"
    assert refresh_or_refusal(text) == "REFRESH_INVALID"


class TestRandomText:
    @on_one_database
    @given(
        data=st.data(),
        edits=st.lists(st.sampled_from(["replace", "insert", "delete"]), min_size=1, max_size=3),
    )
    def test_a_damaged_token_opens_nothing_but_what_it_was(self, issued, data, edits):
        text = bytearray(issued.access_token.encode())
        for edit in edits:
            at = data.draw(st.integers(0, len(text) - 1))
            piece = b"" if edit == "delete" else data.draw(st.binary(min_size=1, max_size=2))
            text[at : at + (edit != "insert")] = piece
        outcome = claims_or_refusal(text.decode("latin-1"))

        assert outcome in {"TOKEN_INVALID", "TOKEN_EXPIRED", issued.payload["jti"]}

    @on_one_database
    @given(text=st.text(max_size=200))
    def test_any_text_is_answered_with_a_refusal(self, issued, text):
        assert claims_or_refusal(text) == "TOKEN_INVALID"
        assert refresh_or_refusal(text) == "REFRESH_INVALID"

    @on_one_database
    @given(segments=st.lists(st.binary(max_size=60), min_size=2, max_size=2))
    def test_any_bytes_well_signed_are_answered_with_a_refusal(self, issued, segments):
        text = sign(*segments)

        assert claims_or_refusal(text) == "TOKEN_INVALID"
        assert refresh_or_refusal(text) == "REFRESH_INVALID"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=5,
)
CLAIMS = st.sampled_from(["sub", "jti", "sid", "exp", "iat", "gen", "nbf", "aud", "iss", "origIat"])


@on_one_database
@given(changes=st.dictionaries(CLAIMS, JSON, max_size=4))
def test_whatever_is_signed_with_our_key_is_answered_with_a_verdict(issued, changes):
    changed = forge(issued.access_token, **changes)
    refresh = forge(issued.refresh_token, **changes)

    # Nothing but a refusal is raised, and only unread claims may be changed.
    if claims_or_refusal(changed) == issued.payload["jti"]:
        assert changes.get("sub", issued.payload["sub"]) == issued.payload["sub"]
        assert changes.get("sid", issued.payload["sid"]) == issued.payload["sid"]
    refresh_or_refusal(refresh)


def test_a_header_is_read_anew_for_every_key(issued):
    assert claims_or_refusal(sign(our_header(), b"{}")) == "TOKEN_INVALID"
    assert claims_or_refusal(issued.access_token) == issued.payload["jti"]
