"""Whatever django-graphql-jwt offers is in the guide, and what is said to be here is here."""

import graphql_jwt
import pytest
from graphql_jwt import decorators, exceptions, middleware, shortcuts, signals, testcases, utils
from graphql_jwt.refresh_token import signals as refresh_token_signals
from graphql_jwt.settings import DEFAULTS

import revocation.decorators
import revocation.graphql
from tests.live import ROOT

GUIDE = (ROOT / "docs" / "migrating.md").read_text()


def own_names(module):
    """Return the public names that a module defines itself."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    }


OFFERED = sorted(
    {
        *DEFAULTS,
        *graphql_jwt.__all__,
        *decorators.__all__,
        *middleware.__all__,
        *shortcuts.__all__,
        *own_names(exceptions),
        *own_names(testcases),
        *own_names(utils),
        *(name for name in vars(signals) if name.startswith("token_")),
        *(name for name in vars(refresh_token_signals) if name.startswith("refresh_token_")),
        *("JSONWebTokenBackend", "PathDict", "RefreshToken", "AbstractRefreshToken", "cleartokens"),
    }
)


@pytest.mark.parametrize("name", OFFERED)
def test_the_guide_says_what_becomes_of_it(name):
    assert f"`{name}`" in GUIDE or f".{name}`" in GUIDE


@pytest.mark.parametrize("fields", ["", "relay."])
def test_its_mutations_are_here_under_their_names(fields):
    ours = revocation.graphql.relay if fields else revocation.graphql
    names = set(graphql_jwt.__all__) - {"relay"} | {"DeleteJSONWebTokenCookie"}

    assert all(hasattr(ours, name) for name in names)


def test_its_module_can_be_replaced_by_ours():
    assert set(graphql_jwt.__all__) <= set(revocation.graphql.__all__)


@pytest.mark.parametrize(
    "name",
    [name for name in decorators.__all__ if name.endswith("required") or name.startswith("user")],
)
def test_its_decorators_are_here_under_their_names(name):
    assert getattr(revocation.graphql, name) is getattr(revocation.decorators, name)
