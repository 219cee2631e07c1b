"""The limit on bodies, raised as the documents say: what fits is read."""

import json

import pytest

from api.limits import BYTES_PER_MEGABYTE

pytestmark = pytest.mark.django_db


def test_a_body_below_it_is_not_too_large(graphql, settings):
    settings.REVOCATION = settings.REVOCATION | {"LIMITS": {"BODY_BYTES": 10 * BYTES_PER_MEGABYTE}}
    body = {"query": "{ version }", "variables": {"x": "x" * 3 * BYTES_PER_MEGABYTE}}
    assert len(json.dumps(body)) < 10 * BYTES_PER_MEGABYTE

    answer = graphql.post(body)

    assert answer.reasons == []
