"""What a client that guesses passwords is told, at every door that takes one."""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate, get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client, RequestFactory

from tests.client import ME, PASSWORD, SIGN_IN, GraphQLClient
from tests.revocation.counted import counted
from tests.revocation.test_passwords import CHANGE, NEW_PASSWORD

pytestmark = pytest.mark.django_db

ELSEWHERE = "198.51.100.7"
THROUGH_GRAPHENE = pytest.mark.urls("tests.graphene_urls")
TOO_MANY = {"code": "TOO_MANY_REQUESTS", "reason": "RATE_LIMITED"}


class CountingHasher(MD5PasswordHasher):
    """As cheap as the tests' own; each hash is counted."""

    algorithm = "counting"
    hashed = 0

    def encode(self, password, salt):
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@pytest.fixture
def cost(settings):
    """Return how many passwords an act hashes."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]

    def of(act):
        before = CountingHasher.hashed
        act()
        return CountingHasher.hashed - before

    return of


def from_(address):
    return GraphQLClient(Client(raise_request_exception=False, REMOTE_ADDR=address))


def guess(graphql, username="alice", password="wrong"):
    return graphql(SIGN_IN, username=username, password=password)


def change(graphql, tokens, old="wrong"):
    return graphql.bearing(tokens)(CHANGE, old=old, new=NEW_PASSWORD)


def exhaust(act, times=10):
    assert {act().reason for _ in range(times)} == {"INVALID_CREDENTIALS"}


class TestSignIn:
    def test_the_eleventh_answer_says_when_to_come_back(self, graphql, alice):
        exhaust(lambda: guess(graphql))

        answer = guess(graphql, password=PASSWORD)

        [error] = answer.body["errors"]
        wait = error["extensions"].pop("retryAfter")
        assert error["extensions"] == TOO_MANY
        assert error["message"] == "Too many attempts, retry later"
        assert (answer.status, answer.body["data"]) == (200, {"tokenAuth": None})
        assert type(wait) is int
        assert 890 <= wait <= 900
        assert answer.headers["Retry-After"] == str(wait)

    @THROUGH_GRAPHENE
    def test_so_it_does_behind_another_view(self, graphql, alice):
        exhaust(lambda: guess(graphql))

        extensions = guess(graphql).body["errors"][0]["extensions"]

        assert TOO_MANY.items() <= extensions.items()
        assert extensions["retryAfter"] > 0

    def test_the_right_one_from_elsewhere_still_works(self, graphql, alice):
        exhaust(lambda: guess(graphql))

        tokens = from_(ELSEWHERE).sign_in()

        assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}

    def test_who_is_signed_in_stays_so(self, graphql, alice):
        tokens = graphql.sign_in()
        exhaust(lambda: guess(graphql))

        assert graphql.bearing(graphql.refresh(tokens))(ME).data == {"me": {"username": "alice"}}

    def test_names_nobody_has_are_counted_alike(self, graphql):
        exhaust(lambda: guess(graphql, "nobody"))

        assert guess(graphql, "nobody").reason == "RATE_LIMITED"

    @THROUGH_GRAPHENE
    def test_aliases_count_one_by_one(self, graphql, alice):
        field = 'tokenAuth(username: "alice", password: "wrong") { token }'

        answer = graphql(f"mutation {{ {' '.join(f'a{n}: {field}' for n in range(20))} }}")

        assert answer.reasons == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"] * 10

    def test_a_right_one_costs_two_statements_more(self, graphql, alice, settings):
        counted = statements_of(graphql.sign_in)
        settings.REVOCATION = {
            "ATTEMPTS_PER_ADDRESS": None,
            "ATTEMPTS_PER_ACCOUNT_AND_ADDRESS": None,
        }
        plain = statements_of(graphql.sign_in)

        extra = [sql for sql in counted if "failedattempt" in sql]
        assert len(counted) - len(plain) == len(extra) == 2
        assert all(sql.startswith("SELECT") for sql in extra)

    def test_nothing_that_was_typed_is_kept(self, graphql, alice):
        guess(graphql, "my password, typed too soon", "and here my name")
        guess(graphql)

        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM revocation_failedattempt")
            kept = str(cursor.fetchall())

        assert counted() == 4
        for text in ("typed", "alice", "wrong", "127.0.0.1"):
            assert text not in kept


class TestEqualCost:
    """Time is mostly hashing; what is hashed for one must be for all."""

    @pytest.fixture(autouse=True)
    def _users(self, cost, make_user):
        make_user("alice")
        make_user("asleep", is_active=False)
        get_user_model().objects.create_user("without password")

    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("alice", "wrong"),
            ("alice", ""),
            ("asleep", "wrong"),
            ("asleep", PASSWORD),
            ("without password", "wrong"),
            ("nobody", "wrong"),
            ("", ""),
            ("nobody\x00", "wrong"),
            ("n" * 100_000, "wrong"),
            ("\u0301" * 50_000, "wrong"),
            ("alice", "w" * 100_000),
        ],
        ids=lambda text: repr(text[:20]),
    )
    def test_whatever_was_wrong_one_password_is_hashed(self, graphql, cost, username, password):
        answers = []

        hashed = cost(lambda: answers.append(guess(graphql, username, password)))

        assert (hashed, answers[0].reason) == (1, "INVALID_CREDENTIALS")

    @pytest.mark.parametrize("username", ["alice", "asleep", "nobody", "nobody\x00"])
    def test_above_the_limit_none_is(self, graphql, cost, username):
        exhaust(lambda: guess(graphql, username))

        assert cost(lambda: guess(graphql, username, PASSWORD)) == 0

    def test_above_the_limit_none_is_when_a_password_should_change(self, graphql, cost):
        tokens = graphql.sign_in()
        exhaust(lambda: change(graphql, tokens))

        assert cost(lambda: change(graphql, tokens, old=PASSWORD)) == 0


class TestPasswordChange:
    def test_it_has_a_counter_of_its_own(self, graphql, alice):
        tokens, other = graphql.sign_in(), graphql.sign_in()

        exhaust(lambda: change(graphql, tokens))

        assert change(graphql, tokens, old=PASSWORD).reason == "RATE_LIMITED"
        assert graphql.sign_in()
        assert change(graphql, other, old=PASSWORD).data["changePassword"]["ok"]

    def test_another_address_is_no_way_around_it(self, graphql, alice):
        tokens = graphql.sign_in()
        exhaust(lambda: change(graphql, tokens))

        assert change(from_(ELSEWHERE), tokens, old=PASSWORD).reason == "RATE_LIMITED"

    def test_it_works_where_the_sign_in_is_refused(self, graphql, alice):
        tokens = graphql.sign_in()
        exhaust(lambda: guess(graphql))

        assert change(graphql, tokens, old=PASSWORD).data["changePassword"]["ok"]

    def test_a_new_password_that_is_refused_is_no_wrong_one(self, graphql, alice):
        tokens = graphql.bearing(graphql.sign_in())

        for _ in range(12):
            assert tokens(CHANGE, old=PASSWORD, new="short").reason == "PASSWORD_REJECTED"

    def test_a_refusal_changes_nothing(self, graphql, alice):
        tokens = graphql.sign_in()
        exhaust(lambda: change(graphql, tokens))
        change(graphql, tokens, old=PASSWORD)

        assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
        assert graphql.sign_in()


class TestAdmin:
    """Django's log-in page takes the same passwords."""

    @pytest.fixture
    def log_in(self, make_user):
        make_user("alice", is_staff=True)

        def post(password, client=None):
            data = {"username": "alice", "password": password}
            return (client or Client()).post("/admin/login/?next=/admin/", data).status_code

        return post

    def test_it_shares_the_counter(self, graphql, log_in):
        assert {log_in("wrong") for _ in range(5)} == {200}
        exhaust(lambda: guess(graphql), times=5)

        assert guess(graphql, password=PASSWORD).reason == "RATE_LIMITED"
        assert log_in(PASSWORD) == 200
        assert log_in(PASSWORD, Client(REMOTE_ADDR=ELSEWHERE)) == 302

    def test_above_the_limit_nothing_is_hashed(self, log_in, cost):
        for _ in range(10):
            log_in("wrong")

        assert cost(lambda: log_in(PASSWORD)) == 0

    def test_a_right_one_forgives(self, graphql, log_in):
        exhaust(lambda: guess(graphql), times=9)
        assert log_in(PASSWORD) == 302

        exhaust(lambda: guess(graphql), times=9)

    def test_a_sign_in_through_both_is_counted_once(self, graphql, log_in):
        guess(graphql)

        assert counted() == 2

    @pytest.mark.django_db(transaction=True)
    def test_asked_asynchronously_it_counts_as_well(self, graphql, alice):
        ask = async_to_sync(aauthenticate)
        request = RequestFactory().post("/", REMOTE_ADDR="127.0.0.1")
        assert ask(request, username="alice", password=PASSWORD) == alice
        for _ in range(10):
            assert ask(request, username="alice", password="wrong") is None

        assert ask(request, username="alice", password=PASSWORD) is None
        assert guess(graphql, password=PASSWORD).reason == "RATE_LIMITED"


def statements_of(act):
    with connection.execute_wrapper(log := Log()):
        act()
    return log.statements


class Log:
    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, params, many, context):
        self.statements.append(sql)
        return execute(sql, params, many, context)


def test_a_name_that_is_no_text_is_merely_wrong(alice):
    """Programs may pass what they like to `authenticate`."""
    assert authenticate(RequestFactory().get("/"), username=123, password=PASSWORD) is None
