"""Lists that nobody could verify, find or wait for are named before anybody relies on them."""

from datetime import timedelta

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from revocation.conf import conf
from tests.keys.conftest import looking_always, path, rotate_key  # noqa: F401  Fixtures.
from tests.revocation import status


@pytest.fixture
def _key_pair(settings):
    settings.GRAPHQL_JWT = status.KEYS


def found(prefix="revocation."):
    return [message.id for message in checks.run_checks() if message.id.startswith(prefix)]


@pytest.mark.usefixtures("_key_pair")
class TestSettings:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            7,
            b"https://api.example.com/status",
            "/status",
            "api.example.com/status",
            "ftp://api.example.com/status",
            "https://",
            "https://api.example.com/status?list=",
            "https://api.example.com/status#",
            "https://me:secret@api.example.com/status",
            "https://api.example.com/sta tus",
            "https://api.example.com/status\n",
            "https://api.example.com//status",
        ],
    )
    def test_what_is_no_address_is_refused(self, settings, url):
        settings.REVOCATION = {"STATUS_LIST_URL": url}

        with pytest.raises(ImproperlyConfigured, match=r"revocation\.E055"):
            conf()

    @pytest.mark.parametrize(
        "url",
        [
            "https://api.example.com/status",
            "https://api.example.com/status/",
            "https://api.example.com",
            "http://127.0.0.1:8000/auth/status",
            "http://[::1]:8000/status",
        ],
    )
    def test_an_address_stands(self, settings, url):
        settings.REVOCATION = {"STATUS_LIST_URL": url}

        assert conf().status_list_url == url

    @pytest.mark.parametrize("lifetime", [0, 1, -60, 3601, "60", None, True, float("nan"), 1e300])
    def test_what_is_no_lifetime_is_refused(self, settings, lifetime):
        settings.REVOCATION = status.ON | {"STATUS_LIST_LIFETIME": lifetime}

        with pytest.raises(ImproperlyConfigured, match=r"revocation\.E057"):
            conf()

    @pytest.mark.parametrize("lifetime", [2, 60, 3600, timedelta(seconds=30)])
    def test_a_lifetime_stands(self, settings, lifetime):
        settings.REVOCATION = status.ON | {"STATUS_LIST_LIFETIME": lifetime}

        assert conf().status_list_lifetime.total_seconds() >= 2

    def test_lists_that_are_served_where_tokens_say_are_no_matter(self, settings):
        settings.REVOCATION = status.ON

        assert not found("revocation.W05")

    def test_lists_that_outlive_tokens_are_warned_of(self, settings):
        settings.REVOCATION = status.ON | {"STATUS_LIST_LIFETIME": 300}

        assert found("revocation.W05") == ["revocation.W055"]

    @pytest.mark.parametrize("where", ["/lists", "/graphql", "", "/status/0"])
    def test_lists_that_are_served_elsewhere_are_warned_of(self, settings, where):
        settings.REVOCATION = {"STATUS_LIST_URL": f"https://api.example.com{where}"}

        assert found("revocation.W05") == ["revocation.W056"]


def test_a_shared_secret_signs_no_lists(settings):
    settings.REVOCATION = status.ON

    with pytest.raises(ImproperlyConfigured, match=r"revocation\.E056"):
        conf()
    assert found() == ["revocation.E056"]


class TestKeysInAFile:
    """What they are for is said there, and JWT_ALGORITHM says nothing."""

    @pytest.fixture(autouse=True)
    def _served(self, path, settings):  # noqa: F811
        settings.REVOCATION = settings.REVOCATION | status.ON

    def test_a_pair_signs_lists(self):
        rotate_key("--create", "--algorithm", "ES256")

        assert conf().status_list_url == status.URL
        assert found() == []

    @pytest.mark.parametrize("algorithm", ["HS256", "ES256"])
    def test_a_shared_secret_signs_none(self, settings, algorithm):
        settings.GRAPHQL_JWT = status.KEYS | {"JWT_ALGORITHM": algorithm}
        rotate_key("--create", "--algorithm", "HS512")

        assert "revocation.E068" in found()

    def test_a_file_that_is_missing_is_named_as_that(self):
        assert found("revocation.E0") == ["revocation.E051"]


def test_without_an_address_nothing_else_matters(settings):
    settings.REVOCATION = {"STATUS_LIST_LIFETIME": 1}

    assert conf().status_list_url is None
    assert not found("revocation.E05")
