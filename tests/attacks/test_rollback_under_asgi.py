"""Under ASGI a request crosses threads; a logout beside a failing field holds there as well."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient

from tests.client import ME

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]


@pytest.mark.parametrize("atomic", ["ATOMIC_REQUESTS", "ATOMIC_MUTATIONS"])
def test_the_logout_holds(graphql, alice, monkeypatch, atomic):
    monkeypatch.setitem(connection.settings_dict, atomic, True)
    tokens = graphql.sign_in()

    @async_to_sync
    async def log_out():
        return await AsyncClient(raise_request_exception=False).post(
            "/graphql",
            {"query": "mutation { logout { ok } boom }"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {tokens.access}"},
        )

    assert log_out().json()["data"]["logout"] == {"ok": True}
    assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
