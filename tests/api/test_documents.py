"""Parsing and validating once, in bounded memory."""

from concurrent.futures import ThreadPoolExecutor

import graphene
import pytest

from api import documents
from api.documents import Documents
from api.errors import Refusal
from tests.api.endpoint import Mutation, Query

SCHEMA = graphene.Schema(query=Query, mutation=Mutation).graphql_schema


@pytest.fixture
def cache():
    return Documents(SCHEMA)


@pytest.fixture
def validations(monkeypatch):
    """Count the documents that are validated."""
    seen = []
    ensure_valid = documents.ensure_valid
    monkeypatch.setattr(
        documents, "ensure_valid", lambda *args: (seen.append(1), ensure_valid(*args))
    )
    return seen


def test_a_text_is_validated_once(cache, validations):
    first = cache.operation("{ version }", None)
    second = cache.operation("{ version }", None)

    assert first is second
    assert len(validations) == 1


def test_texts_that_differ_at_all_are_different_documents(cache, validations):
    cache.operation("{ version }", None)
    cache.operation("{ version  }", None)

    assert len(validations) == 2


def test_an_invalid_document_is_not_kept(cache, validations):
    for _ in range(2):
        with pytest.raises(Refusal):
            cache.operation("{ nothing }", None)

    assert len(validations) == 2
    assert not cache._kept


def test_limits_hold_for_a_document_that_was_kept_under_larger_ones(cache, settings):
    cache.operation("{ me { version } }", None)
    settings.REVOCATION = {"LIMITS": {"DEPTH": 1}}

    with pytest.raises(Refusal):
        cache.operation("{ me { version } }", None)


def test_what_was_used_least_recently_is_forgotten_first(cache, settings, validations):
    settings.REVOCATION = {"LIMITS": {"DOCUMENTS": 2}}
    for text in ("{ a: version }", "{ b: version }", "{ a: version }", "{ c: version }"):
        cache.operation(text, None)

    assert list(cache._kept) == ["{ a: version }", "{ c: version }"]
    assert set(cache._texts.values()) == set(cache._kept)


def test_any_number_of_texts_stays_within_the_bytes(cache, settings):
    settings.REVOCATION = {"LIMITS": {"DOCUMENT_BYTES": 100_000}}
    for i in range(500):
        cache.operation(f"{{ a{i}: version }}", None)

    assert 0 < cache._bytes <= 100_000
    assert cache._bytes == sum(document.bytes for document in cache._kept.values())


def test_one_large_document_does_not_drive_out_the_others(cache, settings):
    settings.REVOCATION = {"LIMITS": {"DOCUMENT_BYTES": 100_000}}
    cache.operation("{ version }", None)
    cache.operation('{ echo(text: "' + "x" * 50_000 + '") }', None)

    assert list(cache._kept) == ["{ version }"]


def test_threads_may_share_it(cache, settings):
    settings.REVOCATION = {"LIMITS": {"DOCUMENTS": 5}}

    def ask(i: int) -> int:
        name = f"a{i % 7}"
        operation = cache.operation(f"query {name} {{ {name}: version }}", name)
        return operation.name == name

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(2_000)))
    assert cache._bytes == sum(document.bytes for document in cache._kept.values())
    assert len(cache._kept) <= 5
