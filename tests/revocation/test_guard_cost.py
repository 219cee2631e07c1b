"""The guard asks once per request, and mixes nobody up while it does."""

from itertools import cycle, islice
from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
from django.db import connection

from revocation import guard, sessions
from revocation.tokens import read_access
from tests.revocation.forge import forge
from tests.revocation.requests import bearing

FIELDS = {
    "one field": "{ me { username } }",
    "ten aliases": "{ " + " ".join(f"a{i}: me {{ username }}" for i in range(10)) + " }",
    "a hundred aliases": "{ " + " ".join(f"a{i}: me {{ username }}" for i in range(100)) + " }",
    "fragments": "{ ...A ...B ... on Query { c: me { id } } }"
    " fragment A on Query { me { username } } fragment B on Query { b: me { email } ...A }",
    "directives": "{ me @include(if: true) { username } b: me @skip(if: false) { id } }",
    "a mutation": 'mutation { a: revokeSession(id: "x") { ok } }',
}


@pytest.mark.django_db
@pytest.mark.urls("tests.graphene_urls")
class TestStatements:
    @pytest.mark.parametrize("query", list(FIELDS.values())[:-1], ids=list(FIELDS)[:-1])
    def test_a_good_token_costs_one(self, graphql, issued, query, django_assert_num_queries):
        client = graphql.bearing(issued.access_token)

        with django_assert_num_queries(1):
            assert client(query).data

    @pytest.mark.parametrize("query", FIELDS.values(), ids=FIELDS)
    def test_a_revoked_token_costs_one(self, graphql, issued, query, django_assert_num_queries):
        sessions.end(read_access(issued.access_token))
        client = graphql.bearing(issued.access_token)

        with django_assert_num_queries(1):
            answer = client(query)

        assert set(answer.reasons) == {"TOKEN_REVOKED"}

    @pytest.mark.parametrize("query", FIELDS.values(), ids=FIELDS)
    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (lambda text: forge(text, exp=1), "TOKEN_EXPIRED"),
            (lambda text: forge(text, key=b"another" * 8), "TOKEN_INVALID"),
            (lambda text: "garbage", "TOKEN_INVALID"),
            (lambda text: "", "TOKEN_MISSING"),
        ],
        ids=["expired", "another key", "garbage", "none"],
    )
    def test_what_is_plainly_no_good_token_costs_none(
        self, graphql, issued, query, spoil, reason, django_assert_num_queries
    ):
        client = graphql.bearing(spoil(issued.access_token))

        with django_assert_num_queries(0):
            answer = client(query)

        assert set(answer.reasons) == {reason}

    def test_public_fields_cost_none_with_a_good_token(
        self, graphql, issued, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            graphql.bearing(issued.access_token)("{ version __typename }")

    def test_a_verdict_is_not_remembered_for_the_next_request(
        self, graphql, issued, django_assert_num_queries
    ):
        client = graphql.bearing(issued.access_token)
        client(FIELDS["one field"])

        with django_assert_num_queries(1):
            client(FIELDS["one field"])

    def test_a_logout_in_between_is_asked_about_and_nothing_else_is(self, graphql, alice):
        token = sessions.open_session(alice).access_token
        query = "mutation { a: logoutAll { ended } b: logoutAll { ended } c: logoutAll { ended } }"

        answer = graphql.bearing(token)(query)

        assert answer.body["data"] == {"a": {"ended": 1}, "b": None, "c": None}

    def test_what_a_logout_refuses_costs_one_however_many_fields_follow(self, graphql, issued):
        client = graphql.bearing(issued.access_token)
        fields = " ".join(f'a{i}: revokeSession(id: "{i}") {{ ok }}' for i in range(50))
        asked = AuthStatements()

        with connection.execute_wrapper(asked):
            client(f"mutation {{ logout {{ ok }} {fields} }}")

        assert asked.count == 1


class AuthStatements:
    """Counts the statements that load a user."""

    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += f"FROM {connection.ops.quote_name('auth_user')}" in sql
        return execute(sql, params, many, context)


@pytest.mark.django_db
def test_a_second_refusal_repeats_no_statement_and_collects_no_traceback(issued):
    sessions.end(read_access(issued.access_token))
    request = bearing(issued.access_token)

    lengths = [traceback_length(request) for _ in range(5)]

    assert lengths[1:] == lengths[:1] * 4


def traceback_length(request):
    with pytest.raises(guard.TokenRevoked) as refusal:
        guard.identify(request)
    return len(refusal.traceback)


@pytest.mark.django_db(transaction=True)
def test_two_threads_that_alternate_users_mix_nobody_up(make_user):
    rounds = 10_000
    tokens = {name: sessions.open_session(make_user(name)).access_token for name in ("a", "b")}
    start, seen = Barrier(2), {0: [], 1: []}

    def ask(number, names):
        start.wait()
        try:
            for name in islice(cycle(names), rounds):
                request = SimpleNamespace(META={"HTTP_AUTHORIZATION": f"Bearer {tokens[name]}"})
                user = guard.identify(request).user
                seen[number].append((name, user.username))
        finally:
            # Not `close`: Django keeps the connections of a database in memory.
            connection.connection.close()

    threads = [Thread(target=ask, args=(0, "ab")), Thread(target=ask, args=(1, "ba"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(answers) for answers in seen.values()] == [rounds, rounds]
    assert {pair for answers in seen.values() for pair in answers} == {("a", "a"), ("b", "b")}


@pytest.mark.django_db(transaction=True)
def test_a_logout_in_one_thread_is_seen_by_a_request_under_way_in_another(issued):
    request = bearing(issued.access_token)
    guard.identify(request)

    thread = Thread(target=end_and_close, args=[issued.access_token])
    thread.start()
    thread.join()

    with pytest.raises(guard.TokenRevoked):
        guard.identify(request)


def end_and_close(token):
    sessions.end(read_access(token))
    connection.connection.close()
