"""From SECRET_KEY to a key of its own, as docs/keys.md says: nobody is signed out on the way."""

import pytest

from revocation import guard, sessions
from revocation.errors import TokenInvalid
from revocation.keys import key_ring
from revocation.rotation import SETTLED_AFTER
from revocation.tokens import read_refresh
from tests.keys.conftest import kids_of, let_time_pass, rotate_key
from tests.revocation.test_signing_keys import PAIRS
from tests.settings import SECRET_KEY

pytestmark = pytest.mark.django_db

NEW = "the-new-secret-" * 4
# What each step sets: the key that signs, if it is not SECRET_KEY, and the previous ones.
STEPS = [({}, []), ({}, [NEW]), ({"JWT_SECRET_KEY": NEW}, [SECRET_KEY])]


def take(settings, step):
    settings.GRAPHQL_JWT, settings.REVOCATION = step[0], {"PREVIOUS_KEYS": step[1]}


class TestByVariables:
    @pytest.mark.parametrize("number", [0, 1])
    def test_nodes_at_two_neighbouring_steps_understand_each_other(self, settings, alice, number):
        for signs, reads in (STEPS[number : number + 2], STEPS[number : number + 2][::-1]):
            take(settings, signs)
            pair = sessions.open_session(alice)
            take(settings, reads)

            assert guard.judge(pair.access_token).user == alice
            assert guard.judge(sessions.rotate(read_refresh(pair.refresh_token)).access_token)

    def test_at_the_end_secret_key_signs_nothing(self, settings, alice):
        take(settings, STEPS[0])
        pair = sessions.open_session(alice)
        take(settings, ({"JWT_SECRET_KEY": NEW}, []))

        with pytest.raises(TokenInvalid):
            guard.judge(pair.access_token)


class TestByFile:
    def test_the_key_that_has_signed_goes_on_until_it_is_rotated(self, path, settings, alice):
        settings.REVOCATION = {}
        pair = sessions.open_session(alice)
        before = key_ring().kid
        settings.REVOCATION = {"KEYS_FILE": str(path)}
        assert "restart every worker" in rotate_key()

        assert kids_of(path)["current"] == [before]
        assert guard.judge(pair.access_token).user == alice
        let_time_pass(path, by=SETTLED_AFTER)
        rotate_key("--activate")
        assert kids_of(path)["previous"] == [before]
        assert guard.judge(pair.access_token).user == alice

    def test_nodes_that_have_the_file_and_nodes_that_have_not_yet_understand_each_other(
        self, path, settings, alice
    ):
        rotate_key()
        for signs, reads in (({}, {"KEYS_FILE": str(path)}), ({"KEYS_FILE": str(path)}, {})):
            settings.REVOCATION = signs
            pair = sessions.open_session(alice)
            settings.REVOCATION = reads
            assert guard.judge(pair.access_token).user == alice

    @pytest.mark.parametrize("algorithm", PAIRS)
    def test_a_pair_and_the_keys_before_it_are_taken_over_too(self, path, settings, algorithm):
        settings.GRAPHQL_JWT = PAIRS[algorithm]
        public = PAIRS[algorithm]["JWT_PUBLIC_KEY"]
        settings.REVOCATION = {**settings.REVOCATION, "PREVIOUS_KEYS": [public]}
        rotate_key()

        assert len(kids_of(path)["current"]) == len(kids_of(path)["next"]) == 1
        assert kids_of(path)["previous"] == []
        assert key_ring().algorithm == algorithm
