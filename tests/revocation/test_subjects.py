"""A token belongs to one user for good: not to a name, nor to whoever gets the same number."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from revocation import guard, sessions
from revocation.errors import RevocationError, TokenInvalid, TokenRevoked
from revocation.tokens import read_refresh
from tests.client import ME
from tests.revocation.forge import forge
from tests.revocation.leaving import ROUTES
from tests.revocation.verdicts import judged

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]

User = get_user_model()


def full_width(text):
    return "".join(chr(ord(digit) + 0xFEE0) for digit in text)


ODDITIES = {
    "space behind": "{} ",
    "space in front": " {}",
    "line break": "{}\n",
    "null byte": "{}\0",
    "leading zero": "0{}",
    "plus": "+{}",
    "fraction": "{}.0",
    "exponent": "{}e0",
    "underscore": "0_{}",
    "wildcard": "{}%",
    "list": "[{}]",
    "alternative": "{} OR 1=1",
    "negative zero": "-0",
    "empty": "",
    "None": "None",
    "null": "null",
    "true": "True",
    "username": "alice",
    "hexadecimal": "0x1",
    "not a number": "nan",
    "infinite": "inf",
    "just too big": str(2**63),
    "just too small": str(-(2**63) - 1),
    "huge": "9" * 30,
    "thousands of digits": "9" * 5000,
    "surrogate": "\ud800",
}


class TestSubjectsThatAreNobody:
    @pytest.mark.parametrize("form", ODDITIES.values(), ids=ODDITIES)
    def test_an_access_token_for_them_is_invalid(self, alice, issued, form):
        with pytest.raises(TokenInvalid):
            guard.judge(forge(issued.access_token, sub=form.format(alice.pk)))

    @pytest.mark.parametrize("form", ODDITIES.values(), ids=ODDITIES)
    def test_a_refresh_token_for_them_is_refused(self, alice, issued, form):
        claims = read_refresh(forge(issued.refresh_token, sub=form.format(alice.pk)))

        with pytest.raises(RevocationError) as refusal:
            sessions.rotate(claims)

        assert refusal.value.code == "REFRESH_REJECTED"

    def test_other_digits_are_another_text(self, alice, issued):
        with pytest.raises(TokenInvalid):
            guard.judge(forge(issued.access_token, sub=full_width(str(alice.pk))))

    @pytest.mark.parametrize("sub", ["-1", "4711", str(2**63 - 1)])
    def test_a_number_that_nobody_has_is_a_user_who_is_gone(self, issued, sub):
        assert judged(forge(issued.access_token, sub=sub)) == "USER_INACTIVE"

    def test_zero_is_so_where_the_database_takes_it_for_a_key(self, issued):
        could_be_a_key = connection.features.allows_auto_pk_0

        assert judged(forge(issued.access_token, sub="0")) == (
            "USER_INACTIVE" if could_be_a_key else "TOKEN_INVALID"
        )

    def test_somebody_else_does_not_get_the_session(self, make_user, issued):
        bob = make_user("bob")

        with pytest.raises(TokenRevoked):
            guard.judge(forge(issued.access_token, sub=str(bob.pk)))

    def test_nor_does_somebody_with_the_same_stored_password(self, make_user, alice, issued):
        bob = make_user("bob")
        User.objects.update(password=alice.password)

        with pytest.raises(TokenRevoked):
            guard.judge(forge(issued.access_token, sub=str(bob.pk)))


class TestNames:
    @pytest.fixture
    def renamed(self, alice):
        alice.username = "alice-married"
        alice.save()
        return alice

    def test_a_renamed_user_keeps_the_session(self, graphql, issued, renamed):
        answer = graphql.bearing(issued.access_token)(ME)

        assert answer.data == {"me": {"username": "alice-married"}}
        assert graphql.refresh(issued.refresh_token).access

    def test_whoever_takes_the_old_name_does_not_get_it(self, issued, renamed, make_user):
        make_user("alice")

        assert guard.judge(issued.access_token).user == renamed

    def test_a_refreshed_token_shows_the_new_name(self, issued, renamed):
        pair = sessions.rotate(read_refresh(issued.refresh_token))

        assert pair.payload["username"] == "alice-married"


@pytest.mark.parametrize("leave", ROUTES.values(), ids=ROUTES)
class TestUsersWhoLeave:
    def test_the_next_request_is_refused(self, graphql, alice, issued, leave):
        client = graphql.bearing(issued.access_token)
        assert client(ME).data

        leave(alice)

        assert client(ME).reason == "USER_INACTIVE"

    def test_the_refresh_is_refused(self, graphql, alice, issued, leave):
        leave(alice)

        answer = graphql.try_refresh(issued.refresh_token)

        assert answer.body["errors"][0]["extensions"] == {
            "code": "REFRESH_REJECTED",
            "reason": "USER_INACTIVE",
        }

    def test_verify_token_refuses_as_a_field_does(self, graphql, alice, issued, leave):
        leave(alice)

        query = f'mutation {{ verifyToken(token: "{issued.access_token}") {{ payload }} }}'

        assert graphql(query).reason == "USER_INACTIVE"

    def test_they_can_still_log_out(self, graphql, alice, issued, leave):
        leave(alice)

        answer = graphql.bearing(issued.access_token)("mutation { logout { ok } }")

        assert answer.data == {"logout": {"ok": True}}


def test_a_reactivated_user_goes_on(graphql, alice, issued):
    User.objects.update(is_active=False)
    User.objects.update(is_active=True)

    assert graphql.bearing(issued.access_token)(ME).data
