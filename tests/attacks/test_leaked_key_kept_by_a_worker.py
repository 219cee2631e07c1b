"""A key that was left out of the file because it leaked opens nothing in any worker."""

import jwt
import pytest
from django.utils import timezone

from revocation import guard, sessions
from revocation.errors import TokenInvalid
from revocation.keyfile import read_keys
from revocation.keys import key_ring
from revocation.legacy import reading
from tests.keys.conftest import file, kids_of, looking_always, path, rotate_key  # noqa: F401
from tests.revocation.legacy.old_world import in_force, simplejwt_token

pytestmark = pytest.mark.django_db


def test_not_where_the_file_could_not_be_read_for_a_moment(file, alice, monkeypatch):  # noqa: F811
    token = sessions.open_session(alice).access_token
    rotate_key("--leaked")

    def fail(_):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as exhausted:
        exhausted.setattr("pathlib.Path.read_bytes", fail)
        key_ring()

    with pytest.raises(TokenInvalid):
        guard.judge(token)


def test_not_for_a_legacy_token_that_was_read_before(path, settings, alice):  # noqa: F811
    now = int(timezone.now().timestamp())
    claims = {"username": "alice", "exp": now + 300, "origIat": now}
    text = jwt.encode(claims, settings.SECRET_KEY, "HS256")
    rotate_key()
    assert reading.read(text).called == ("username", "alice")
    rotate_key("--leaked", *kids_of(path)["current"])

    with pytest.raises(TokenInvalid):
        reading.read(text)


def test_not_for_a_legacy_token_where_the_settings_still_name_it(file, settings, alice):  # noqa: F811
    """`revocation.W052` says that nobody reads it there."""
    leaked = "a secret that was rotated long ago, and has leaked now"
    settings.REVOCATION = in_force(PREVIOUS_KEYS=[leaked])

    with pytest.raises(TokenInvalid):
        guard.judge(simplejwt_token(alice, key=leaked))
    assert guard.judge(simplejwt_token(alice)).user == alice


@pytest.mark.parametrize("algorithm", ["HS256", "ES256"])
def test_but_one_that_is_kept_as_a_previous_key_reads_them(path, settings, alice, algorithm):  # noqa: F811
    """Of simplejwt's, signed by what was the same secret before, whatever signs now."""
    old = "a secret that was rotated long ago, and is no longer named"
    settings.REVOCATION = in_force(PREVIOUS_KEYS=[old])
    for name in (algorithm, algorithm):
        rotate_key("--algorithm", name)
        rotate_key("--activate", "--force")
    settings.REVOCATION = settings.REVOCATION | {"PREVIOUS_KEYS": []}

    assert guard.judge(simplejwt_token(alice, key=old)).user == alice


def test_nothing_of_the_keys_is_in_an_error_or_in_what_caused_it(file):  # noqa: F811
    secret = read_keys(file).current.key.as_jwk(is_public=False)["k"]
    file.write_text(file.read_text().replace('"kty"', '"kty'))

    with pytest.raises(Exception, match="no set of keys") as refusal:
        read_keys(file)

    error = refusal.value
    while error:
        assert secret not in f"{error} {vars(error)} {error.args}"
        error = error.__cause__ or error.__context__
