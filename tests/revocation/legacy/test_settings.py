"""The settings about legacy tokens: a date that means one moment, and nothing unsafe beside it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from revocation.conf import conf
from tests.revocation.legacy.old_world import in_force

pytestmark = pytest.mark.urls("tests.graphene_urls")

MOMENT = datetime(2026, 12, 24, 18, tzinfo=UTC)


def found():
    messages = checks.run_checks()
    return {message.id: message for message in messages if message.id.startswith("revocation.")}


@pytest.mark.parametrize(
    "until",
    [MOMENT, "2026-12-24T18:00:00Z", "2026-12-24T18:00:00+00:00", "2026-12-24T19:00+01:00"],
    ids=str,
)
def test_a_moment_may_be_an_object_or_text(settings, until):
    settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL=until)

    assert conf().accept_legacy_until == MOMENT
    assert found() == {}


def test_none_is_accepted_by_default(settings):
    settings.REVOCATION = {}

    assert conf().accept_legacy_until is None
    assert conf().accept_legacy_expired is False


@pytest.mark.parametrize(
    "until",
    [
        "soon",
        "",
        True,
        30,
        timedelta(days=30),
        date(2026, 12, 24),
        "2026-12-24",
        "2026-12-24T18:00:00",
        datetime(2026, 12, 24),  # noqa: DTZ001
        datetime(2999, 1, 1, tzinfo=UTC),
    ],
    ids=repr,
)
def test_what_is_no_moment_is_refused_with_one_to_paste(settings, until):
    settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL=until)

    assert "ACCEPT_LEGACY_UNTIL" in found()["revocation.E040"].hint
    with pytest.raises(ImproperlyConfigured, match="E040"):
        conf()


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_whether_expiry_counts_is_true_or_false(settings, value):
    settings.REVOCATION = in_force(ACCEPT_LEGACY_EXPIRED=value)

    assert set(found()) == {"revocation.E041"}


@pytest.mark.parametrize("algorithm", ["none", "HS1", None, ["HS256"]])
def test_an_algorithm_of_simplejwt_that_is_none(settings, algorithm):
    settings.REVOCATION = in_force()
    settings.SIMPLE_JWT = {"ALGORITHM": algorithm}

    assert set(found()) == {"revocation.E042"}


def test_nobody_asks_about_simplejwt_where_its_tokens_are_not_accepted(settings):
    settings.REVOCATION = {}
    settings.SIMPLE_JWT = {"ALGORITHM": "none"}

    assert found() == {}


def test_what_is_read_for_legacy_tokens_is_not_called_unread(settings):
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_REFRESH_TOKEN_MODEL": "mine.Token"}

    settings.REVOCATION = in_force()
    assert found() == {}
    settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL=None)
    assert set(found()) == {"revocation.W002"}
