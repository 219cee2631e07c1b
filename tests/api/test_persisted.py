"""Automatic persisted queries: a hash stands for a text that some client has sent before."""

import hashlib
import json

import pytest
from django.db import connection

from api.models import PersistedQuery
from tests.api.conftest import STRICT

QUERY = "query Persisted { version }"

pytestmark = pytest.mark.django_db


def digest_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(digest, **more):
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}, **more}


@pytest.fixture
def register(http):
    """Send a text with its hash."""

    def register(text=QUERY, digest=None):
        return http.post(persisted(digest or digest_of(text), query=text))

    return register


@pytest.fixture
def forget(settings):
    """Make the next request meet a worker that has seen nothing yet: other views, other memory."""

    def forget():
        settings.ROOT_URLCONF = "tests.api.endpoint_again"

    return forget


def code_of(response):
    [error] = response.json()["errors"]
    return error["extensions"]["code"]


def test_a_hash_nobody_registered_is_asked_about_in_apollos_words(http):
    response = http.post(persisted("0" * 64), accept=STRICT)

    assert response.status_code == 200
    assert response.json()["errors"] == [
        {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
    ]


def test_a_registered_hash_is_enough(http, register):
    register()

    assert http.post(persisted(digest_of(QUERY))).json() == {"data": {"version": "1"}}


def test_it_is_enough_by_get(http, register):
    register()
    extensions = json.dumps(persisted(digest_of(QUERY))["extensions"])

    assert http.get(extensions=extensions).json() == {"data": {"version": "1"}}


def test_another_worker_knows_it_too(http, register, forget):
    register()
    forget()

    assert http.post(persisted(digest_of(QUERY))).json() == {"data": {"version": "1"}}


def test_a_worker_that_has_seen_the_text_asks_no_database(
    http, register, django_assert_num_queries
):
    register()

    with django_assert_num_queries(0):
        http.post(persisted(digest_of(QUERY)))


def test_the_hash_of_another_text_is_refused_and_registers_nothing(http, register, forget):
    digest = digest_of("{ me { version } }")
    response = register(digest=digest)

    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
    forget()
    assert code_of(http.post(persisted(digest))) == "PERSISTED_QUERY_NOT_FOUND"
    assert PersistedQuery.objects.count() == 0


@pytest.mark.parametrize("text", ["{ unknown }", "{", "{ version } #" + "x" * 20_000])
def test_an_invalid_or_long_text_is_not_kept(register, text):
    register(text)

    assert PersistedQuery.objects.count() == 0


def test_a_mutation_with_a_value_in_its_text_is_not_kept(http, register):
    text = 'mutation SignIn { tokenAuth(username: "alice", password: "hunter2") { token } }'
    beside = f"query Version {{ version }} {text}"

    assert "data" in register(text).json()
    named = persisted(digest_of(beside), query=beside, operationName="Version")
    assert http.post(named).json() == {"data": {"version": "1"}}
    assert PersistedQuery.objects.count() == 0


def test_a_mutation_with_variables_is_kept(register):
    register("mutation Note($name: String!) { touch(name: $name) { ok } }")

    assert PersistedQuery.objects.count() == 1


@pytest.mark.parametrize(
    "named",
    [
        [],
        "hash",
        {},
        {"version": 2, "sha256Hash": "0" * 64},
        {"version": 1},
        {"version": 1, "sha256Hash": 1},
        {"version": 1, "sha256Hash": "../../etc"},
        {"version": 1, "sha256Hash": "0" * 63},
    ],
)
def test_a_misshapen_name_is_refused(http, named):
    response = http.post({"extensions": {"persistedQuery": named}})

    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")


def test_a_hash_in_capitals_is_the_same_hash(http, register):
    register()

    assert http.post(persisted(digest_of(QUERY).upper())).json() == {"data": {"version": "1"}}


def test_limits_hold_for_a_text_that_is_known(http, register, settings):
    register("query Aliased { a: version b: version }")
    settings.REVOCATION = {"LIMITS": {"ALIASES": 1}}

    response = http.post(persisted(digest_of("query Aliased { a: version b: version }")))

    assert code_of(response) == "LIMIT_EXCEEDED"


def test_a_mutation_by_its_hash_needs_a_post(http, register):
    text = "mutation Persisted($name: String!) { touch(name: $name) { ok } }"
    register(text)
    extensions = json.dumps(persisted(digest_of(text))["extensions"])

    assert http.get(extensions=extensions).status_code == 405


def test_entries_of_a_batch_name_texts_each(http, register):
    register()
    answers = http.post([persisted(digest_of(QUERY)), persisted("0" * 64)]).json()

    assert answers[0] == {"data": {"version": "1"}}
    assert answers[1]["errors"][0]["message"] == "PersistedQueryNotFound"


def test_the_number_of_texts_is_bounded(register, settings):
    bounded = settings.CACHES["persisted_queries"] | {"OPTIONS": {"MAX_ENTRIES": 3}}
    settings.CACHES = settings.CACHES | {"persisted_queries": bounded}
    for number in range(10):
        register(f"query Number{number} {{ version }}")

    # Django's cache makes room before it writes.
    assert PersistedQuery.objects.count() <= 4


def test_a_text_that_was_tampered_with_is_not_executed(http, register, forget):
    register()
    other = QUERY.replace("Persisted", "Tampered")
    register(other)
    row = PersistedQuery.objects.get(cache_key__contains=digest_of(other))
    PersistedQuery.objects.filter(cache_key__contains=digest_of(QUERY)).update(value=row.value)
    forget()

    assert code_of(http.post(persisted(digest_of(QUERY)))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.django_db(transaction=True)
def test_without_its_table_texts_are_answered_all_the_same(http, register, forget):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE persisted_queries RENAME TO gone")
    try:
        assert register().json() == {"data": {"version": "1"}}
        forget()
        assert code_of(http.post(persisted(digest_of(QUERY)))) == "PERSISTED_QUERY_NOT_FOUND"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO persisted_queries")
