"""What a request costs, and who it is, when Redis is asked before the database."""

from contextlib import contextmanager

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection

from revocation import guard, sessions
from revocation.errors import RevocationUnavailable, TokenRevoked, UserInactive
from revocation.tokens import read_access
from tests.client import ME
from tests.revocation.on_redis import Asked, age, flush, renew, revoke_behind_its_back
from tests.revocation.requests import bearing
from tests.revocation.verdicts import judged
from tests.servers import ValkeyServer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]

CHECKED = "mutation { checked }"
MANY = "mutation { " + " ".join(f"a{number}: checked" for number in range(50)) + " }"


@pytest.fixture
def client(graphql, redis_store, issued):
    """Signed in, over a store that was asked before."""
    client = graphql.bearing(issued.access_token)
    client(CHECKED)
    return client


@pytest.fixture
def users():
    return get_user_model().objects


class TestTheCost:
    @pytest.mark.parametrize("query", [CHECKED, MANY], ids=["one field", "fifty"])
    def test_a_field_that_needs_no_user_row_costs_one_round_trip_and_no_statement(
        self, client, valkey, query, django_assert_num_queries
    ):
        with django_assert_num_queries(0), Asked(valkey) as asked:
            assert set(client(query).data.values()) == {"checked"}

        assert asked.count == 1

    @pytest.mark.parametrize(
        "query", [ME, "{ a: me { username } b: me { id } c: me { email } }"], ids=["one", "three"]
    )
    def test_one_that_needs_it_costs_one_of_each(
        self, client, valkey, query, django_assert_num_queries
    ):
        with django_assert_num_queries(1), Asked(valkey) as asked:
            assert client(query).data

        assert asked.count == 1

    def test_public_fields_cost_nothing(self, client, valkey, django_assert_num_queries):
        with django_assert_num_queries(0), Asked(valkey) as asked:
            assert client("{ version }").data

        assert asked.count == 0

    def test_a_revoked_token_costs_one_of_each(
        self, client, valkey, issued, django_assert_num_queries
    ):
        """The statement says why: the user may be gone."""
        sessions.end(read_access(issued.access_token))

        with django_assert_num_queries(1), Asked(valkey) as asked:
            assert set(client(MANY).reasons) == {"TOKEN_REVOKED"}

        assert asked.count == 1

    def test_without_a_lease_it_costs_the_statement_alone(
        self, client, valkey, django_assert_num_queries
    ):
        flush(valkey)

        with django_assert_num_queries(1):
            assert client(MANY).data


class TestAUserWhoChanges:
    """Whoever saves a user tells Redis."""

    def deactivate(user):
        user.is_active = False
        user.save()

    def deactivate_alone(user):
        user.is_active = False
        user.save(update_fields=["is_active"])

    def delete(user):
        user.delete()

    def change_password(user):
        user.set_password("another one")
        user.save()

    def delete_by_a_query(user):
        get_user_model().objects.filter(pk=user.pk).delete()

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (deactivate, "USER_INACTIVE"),
            (deactivate_alone, "USER_INACTIVE"),
            (delete, "USER_INACTIVE"),
            (delete_by_a_query, "USER_INACTIVE"),
            (change_password, "TOKEN_REVOKED"),
        ],
        ids=lambda value: getattr(value, "__name__", value),
    )
    @pytest.mark.parametrize("query", [CHECKED, ME], ids=["no row", "row"])
    def test_is_refused_at_once(self, client, alice, change, reason, query):
        change(alice)

        assert client(query).reason == reason

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"is_active": False}, "USER_INACTIVE"),
            ({"password": "md5$a$b"}, "TOKEN_REVOKED"),
        ],
        ids=str,
    )
    def test_behind_djangos_back_is_refused_when_the_row_is_read(
        self, client, graphql, users, issued, fields, reason
    ):
        users.update(**fields)

        assert client(CHECKED).data == {"checked": "checked"}
        assert client(ME).reason == reason
        assert graphql.try_refresh(issued.refresh_token).reasons != []

    def test_is_refused_by_the_later_fields_too_once_the_row_was_read(
        self, redis_store, users, issued
    ):
        users.update(is_active=False)
        request = bearing(issued.access_token)
        identity = guard.identify(request)
        with pytest.raises(UserInactive):
            _ = identity.user

        with pytest.raises(UserInactive):
            guard.identify(request)

    def test_a_save_that_decides_nothing_ends_nothing(self, client, alice):
        alice.first_name = "Alicia"
        alice.save()

        assert client(CHECKED).data

    def test_a_sign_in_ends_nothing(self, client, graphql, issued):
        graphql.sign_in()

        assert client(CHECKED).data


class TestADatabaseThatIsDown:
    def test_good_tokens_go_on_where_no_row_is_needed(self, client):
        with no_database():
            assert client(CHECKED).data == {"checked": "checked"}

    def test_and_nowhere_else(self, client):
        with no_database():
            assert client(ME).reason == "REVOCATION_UNAVAILABLE"

    def test_revoked_ones_are_refused(self, redis_store, issued):
        sessions.end(read_access(issued.access_token))

        with no_database():
            assert judged(issued.access_token) == "TOKEN_REVOKED"

    def test_without_a_lease_nobody_is_let_in(self, client, valkey):
        flush(valkey)

        with no_database():
            answer = client(CHECKED)

        [error] = answer.body["errors"]
        assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert "gone" not in str(answer.body)

    def test_with_redis_down_too_nobody_is_let_in(self, on_redis, issued):
        with ValkeyServer() as server:
            on_redis(server.url)
            assert judged(issued.access_token) == "good"

        with no_database(), pytest.raises(RevocationUnavailable):
            guard.judge(issued.access_token)

    def test_what_one_field_could_not_know_the_next_request_may(self, client):
        with no_database():
            client(ME)

        assert client(ME).data


class TestRedisThatIsDown:
    def test_the_database_answers(self, on_redis, issued, alice):
        with ValkeyServer() as server:
            on_redis(server.url)
        other = sessions.open_session(alice)
        revoke_behind_its_back(read_access(other.access_token).jti)

        assert judged(issued.access_token) == "good"
        assert judged(other.access_token) == "TOKEN_REVOKED"

    def test_an_empty_one_in_its_place_is_asked_again_after_the_next_copy(
        self, on_redis, issued, alice, django_assert_num_queries
    ):
        with ValkeyServer() as server:
            store = on_redis(server.url)
            sessions.end(read_access(issued.access_token))
            server.restart()
            assert judged(issued.access_token) == "TOKEN_REVOKED"
            renew(store)
            good = sessions.open_session(alice).access_token

            with django_assert_num_queries(0):
                guard.judge(good)
            assert store.glance(read_access(issued.access_token)) is True

    def test_a_token_is_asked_about_once_although_the_lease_ages(self, redis_store, valkey, issued):
        guard.judge(issued.access_token)
        age(valkey)
        request = bearing(issued.access_token)

        with Asked(valkey) as asked:
            assert [guard.identify(request) for _ in range(3)]

        assert asked.count == 1

    def test_a_revocation_in_this_process_is_seen_by_a_request_under_way(self, redis_store, issued):
        request = bearing(issued.access_token)
        guard.identify(request)
        sessions.end(read_access(issued.access_token))

        with pytest.raises(TokenRevoked):
            guard.identify(request)


@contextmanager
def no_database():
    def refuse(*_):
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        yield
