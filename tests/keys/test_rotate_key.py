"""`manage.py rotate_key`: steps in an order that signs nobody out, and refuses any other."""

import json
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.management import CommandError
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone

from revocation import guard, sessions
from revocation.errors import RefreshInvalid, TokenInvalid
from revocation.keyfile import read_keys
from revocation.keys import key_ring
from revocation.models import Session
from revocation.rotation import SETTLED_AFTER
from revocation.tokens import read_refresh
from tests.keys.conftest import AGES, kids_of, let_time_pass, rotate_key
from tests.revocation.forge import claims_of

ALGORITHMS = ["HS256", "RS256", "ES256", "EdDSA"]
LIFETIME = timedelta(days=8)


def refused(*options):
    """Take a step that is refused; return what is said, after seeing that nothing changed."""
    with pytest.raises(CommandError) as refusal:
        rotate_key(*options)
    return str(refusal.value)


def rotate(path, *options):
    rotate_key(*options)
    let_time_pass(path, by=SETTLED_AFTER)
    rotate_key("--activate")


class TestOrder:
    def test_a_published_key_verifies_and_does_not_sign(self, file):
        [before] = kids_of(file)["current"]
        said = rotate_key()

        [published] = kids_of(file)["next"]
        assert key_ring().kid == before
        assert key_ring().verifying.keys() == {before, published}
        assert "manage.py rotate_key --activate" in said

    def test_it_does_not_sign_before_everybody_can_know_it(self, file):
        rotate_key()
        let_time_pass(file, by=SETTLED_AFTER - timedelta(seconds=30))
        before = file.read_bytes()

        assert "--force" in refused("--activate")
        assert file.read_bytes() == before

    def test_then_it_signs_and_the_one_before_verifies(self, file):
        [before] = kids_of(file)["current"]
        rotate_key()
        [published] = kids_of(file)["next"]
        let_time_pass(file, by=SETTLED_AFTER)
        since = read_keys(file).next.since
        said = rotate_key("--activate")

        assert key_ring().kid == published
        assert read_keys(file).current.since >= since + SETTLED_AFTER
        assert kids_of(file) == {"current": [published], "next": [], "previous": [before]}
        assert "manage.py rotate_key --retire" in said

    def test_of_a_pair_that_has_signed_the_private_half_is_forgotten(self, path):
        rotate_key("--create", "--algorithm", "EdDSA")
        rotate(path)

        current, previous = json.loads(path.read_text())["keys"]
        assert (current["status"], "d" in current) == ("current", True)
        assert (previous["status"], "d" in previous) == ("previous", False)

    def test_force_is_for_whoever_knows_better(self, file):
        rotate_key()
        [published] = kids_of(file)["next"]
        rotate_key("--activate", "--force")

        assert key_ring().kid == published

    def test_nothing_can_be_activated_that_was_not_published(self, file):
        assert "First: manage.py rotate_key" in refused("--activate", "--force")

    def test_publishing_twice_publishes_one_key(self, file):
        rotate_key()
        before = file.read_bytes()

        assert "--activate" in rotate_key()
        assert file.read_bytes() == before

    def test_a_key_for_another_algorithm_is_not_mistaken_for_the_one_that_was_asked_for(self, file):
        rotate_key()

        assert "another algorithm" in refused("--algorithm", "EdDSA")

    def test_the_key_that_signs_is_never_removed(self, file):
        [kid] = kids_of(file)["current"]

        assert f"--leaked {kid}" in refused("--remove", kid, "--force")

    def test_a_key_that_never_signed_may_be_removed(self, file):
        rotate_key()
        rotate_key("--remove", *kids_of(file)["next"])

        assert kids_of(file)["next"] == []

    def test_a_key_that_is_not_there_is_said_to_be_missing(self, file):
        assert "0000" in refused("--remove", "0000")
        assert "0000" in refused("--leaked", "0000")

    def test_creating_twice_creates_once(self, file):
        before = file.read_bytes()

        assert "before" in rotate_key("--create")
        assert file.read_bytes() == before

    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_a_file_is_made_for_the_algorithm_that_the_settings_name(
        self, path, settings, algorithm
    ):
        settings.GRAPHQL_JWT = {"JWT_ALGORITHM": algorithm}
        rotate_key("--create")

        assert key_ring().algorithm == algorithm


@pytest.mark.django_db
class TestRetiring:
    @pytest.fixture
    def rotated(self, file, alice):
        """A file whose key was rotated after alice had signed in, and her tokens."""
        pair = sessions.open_session(alice)
        rotate(file)
        return pair

    def test_a_key_that_a_session_needs_stays(self, file, rotated):
        [previous] = kids_of(file)["previous"]

        assert "Left out 0" in rotate_key("--retire")
        assert "1 sessions still need" in refused("--remove", previous)
        assert f"1 sessions need {previous}" in rotate_key("--list")
        assert kids_of(file)["previous"] == [previous]

    def test_it_goes_when_their_tokens_have_expired(self, file, rotated):
        Session.objects.update(
            rotated_at=timezone.now() - LIFETIME,
            expires_at=timezone.now() - timedelta(minutes=1),
            access_expires_at=timezone.now() - timedelta(days=1),
        )

        assert "Left out 1" in rotate_key("--retire")
        assert kids_of(file)["previous"] == []

    def test_it_goes_when_they_were_all_refreshed_since(self, file, rotated):
        let_time_pass(file)
        sessions.rotate(read_refresh(rotated.refresh_token))

        assert "Left out 1" in rotate_key("--retire")

    def test_an_access_token_from_before_a_refresh_keeps_it(self, file, alice, settings):
        """It may live for longer than the time in which a worker may sign with the key."""
        settings.GRAPHQL_JWT = {"JWT_EXPIRATION_DELTA": timedelta(hours=12)}
        pair = sessions.open_session(alice)
        rotate(file)
        let_time_pass(file, by=SETTLED_AFTER)
        Session.objects.update(created_at=timezone.now() - SETTLED_AFTER - timedelta(minutes=1))
        sessions.rotate(read_refresh(pair.refresh_token))

        assert "Left out 0" in rotate_key("--retire")
        assert guard.judge(pair.access_token)
        let_time_pass(file, by=timedelta(hours=12))
        assert "Left out 1" in rotate_key("--retire")

    def test_a_session_refreshed_by_a_worker_that_did_not_know_yet_keeps_it(self, file, rotated):
        let_time_pass(file, by=SETTLED_AFTER - timedelta(minutes=1))
        sessions.rotate(read_refresh(rotated.refresh_token))
        let_time_pass(file, by=AGES)
        Session.objects.update(created_at=F("created_at") - AGES, rotated_at=F("rotated_at") - AGES)

        assert "Left out 0" in rotate_key("--retire")

    def test_a_token_that_leeway_lets_in_keeps_it(self, file, rotated, settings):
        ago = timezone.now() - timedelta(minutes=1)
        Session.objects.update(expires_at=ago, access_expires_at=ago)
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": timedelta(minutes=2)}

        assert "Left out 0" in rotate_key("--retire")

    def test_it_goes_when_they_have_ended(self, file, rotated):
        sessions.end(read_refresh(rotated.refresh_token))

        assert "Left out 1" in rotate_key("--retire")

    def test_an_access_token_that_outlives_its_refresh_token_keeps_it(self, file, rotated):
        Session.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

        assert "Left out 0" in rotate_key("--retire")

    def test_legacy_tokens_that_nobody_has_presented_keep_it(self, file, settings):
        rotate(file)
        until = (timezone.now() + LIFETIME).isoformat()
        settings.REVOCATION = {**settings.REVOCATION, "ACCEPT_LEGACY_UNTIL": until}

        assert "Left out 0" in rotate_key("--retire")
        assert "LEGACY" in refused("--remove", *kids_of(file)["previous"])

    def test_force_signs_them_out(self, file, rotated, alice):
        rotate_key("--remove", *kids_of(file)["previous"], "--force")

        with pytest.raises(TokenInvalid):
            guard.judge(rotated.access_token)
        with pytest.raises(RefreshInvalid):
            read_refresh(rotated.refresh_token)
        assert guard.judge(sessions.open_session(alice).access_token).user == alice

    def test_a_database_that_does_not_answer_is_no_permission(self, file, rotated, monkeypatch):
        def fail():
            raise DatabaseError("do-not-print-me")

        monkeypatch.setattr("revocation.rotation.session_rows", fail)
        before = file.read_bytes()

        for step in (["--retire"], ["--remove", *kids_of(file)["previous"]]):
            assert "do-not-print-me" not in refused(*step)
        assert file.read_bytes() == before


@pytest.mark.django_db
@pytest.mark.parametrize("algorithm", ALGORITHMS)
class TestLeak:
    @pytest.fixture
    def file(self, path, algorithm):
        rotate_key("--create", "--algorithm", algorithm)
        return path

    def test_the_key_that_signs_is_replaced_at_once_and_its_tokens_refused(
        self, file, alice, graphql, algorithm
    ):
        pair = sessions.open_session(alice)
        [leaked] = kids_of(file)["current"]
        said = rotate_key("--leaked", leaked)

        assert "manage.py revoke --all" in said
        assert leaked not in key_ring().verifying
        assert key_ring().algorithm == algorithm
        answer = graphql.bearing(pair.access_token)("{ me { username } }")
        assert (answer.status, answer.reason) == (200, "TOKEN_INVALID")
        assert graphql.try_refresh(pair.refresh_token).reason == "REFRESH_INVALID"
        assert guard.judge(sessions.open_session(alice).access_token).user == alice

    def test_everything_goes_when_the_file_has_leaked(self, file, algorithm):
        rotate(file)
        rotate_key()
        before = set(key_ring().verifying)
        rotate_key("--leaked")

        assert not before & key_ring().verifying.keys()
        assert len(key_ring().verifying) == 1


class TestSpare:
    def test_a_key_that_everybody_knows_takes_the_place_of_the_leaked_one(self, file):
        rotate_key()
        [leaked], [spare] = kids_of(file)["current"], kids_of(file)["next"]
        rotate_key("--leaked", leaked)

        assert kids_of(file) == {"current": [spare], "next": [], "previous": []}

    def test_a_previous_key_goes_and_the_one_that_signs_stays(self, file):
        rotate(file)
        [leaked], [current] = kids_of(file)["previous"], kids_of(file)["current"]
        rotate_key("--leaked", leaked)

        assert kids_of(file) == {"current": [current], "next": [], "previous": []}


@pytest.mark.django_db
class TestNobodyIsSignedOut:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("HS256", "HS256"),
            ("HS256", "RS256"),
            ("RS256", "RS256"),
            ("ES256", "EdDSA"),
            ("EdDSA", "HS256"),
        ],
    )
    def test_by_a_rotation_from_one_algorithm_to_another(self, path, alice, before, after):
        rotate_key("--create", "--algorithm", before)
        pair = sessions.open_session(alice)
        rotate(path, "--algorithm", after)

        assert key_ring().algorithm == after
        assert guard.judge(pair.access_token).user == alice
        successor = sessions.rotate(read_refresh(pair.refresh_token))
        assert guard.judge(successor.access_token).user == alice

    def test_by_a_worker_that_is_a_step_behind_or_ahead(self, file, alice, monkeypatch):
        """Each step leaves keys that whoever has those from before or after understands."""
        rings = [key_ring()]
        for step in ([], ["--activate", "--force"], [], ["--activate", "--force"]):
            rotate_key(*step)
            rings.append(key_ring())

        for behind, ahead in pairwise(rings):
            for signs, reads in ((behind, ahead), (ahead, behind)):
                monkeypatch.setattr("revocation.tokens.key_ring", lambda ring=signs: ring)
                pair = sessions.open_session(alice)
                monkeypatch.setattr("revocation.tokens.key_ring", lambda ring=reads: ring)
                assert guard.judge(pair.access_token).user == alice
                assert read_refresh(pair.refresh_token).sub == str(alice.pk)

    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_by_an_answer_that_is_lost_while_the_key_changes(self, path, alice, algorithm):
        """The successor's text is another one then; it is of the same generation and one chain."""
        rotate_key("--create", "--algorithm", algorithm)
        first = read_refresh(sessions.open_session(alice).refresh_token)
        lost = sessions.rotate(first)
        rotate(path)
        again = sessions.rotate(first)

        claims = claims_of(lost.refresh_token)
        assert claims == claims_of(again.refresh_token)
        assert again.refresh_token != lost.refresh_token
        one, other = (read_refresh(pair.refresh_token) for pair in (lost, again))
        assert one == other
        # Whichever of them comes back: they have the same successor, and the session goes on.
        texts = {sessions.rotate(one).refresh_token, sessions.rotate(other).refresh_token}
        assert {claims_of(text)["gen"] for text in texts} == {claims["gen"] + 1}
        assert len(texts) == 1 or algorithm == "ES256"


class TestOutput:
    @pytest.mark.django_db
    def test_no_key_is_printed(self, file, capsys):
        said = ""
        for step in ([], ["--activate", "--force"], ["--list"], ["--leaked"]):
            said += rotate_key(*step)
            for entry in json.loads(file.read_text())["keys"]:
                assert entry["k"] not in said + "".join(capsys.readouterr())

    def test_it_says_what_there_is(self, file):
        rotate_key()

        line = re.compile(r"^(\w+) +(\w{16})  HS256  since 2", re.MULTILINE)
        assert line.findall(rotate_key("--list")) == [
            (status, dated.key.kid) for status, dated in read_keys(file)
        ]

    def test_without_a_file_in_the_settings_it_says_what_to_set(self, settings):
        assert "KEYS_FILE" in refused()

    def test_a_folder_that_is_not_there_is_named(self, settings, tmp_path):
        settings.REVOCATION = {"KEYS_FILE": str(tmp_path / "nowhere" / "keys.json")}

        assert "nowhere" in refused("--create")

    def test_a_file_that_is_garbage_is_not_replaced(self, path):
        path.write_text("do-not-print-me")

        for step in ([], ["--create"], ["--activate"], ["--leaked"], ["--list"]):
            assert "do-not-print-me" not in refused(*step)
        assert path.read_text() == "do-not-print-me"
