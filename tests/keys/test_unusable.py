"""What is no good key is named by its setting and its file, and never repeated."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import global_settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from revocation.keys import key_ring
from revocation.signing_key import UnusableKey, key_of_jwk, new_key
from tests.keys.conftest import kids_of, rotate_key
from tests.revocation.test_signing_keys import OTHER_PAIRS, PAIRS, pem

LONG = "do-not-print-me-" * 4
SHORT = "do-not-print-me-but-too-short"
WEAK = pem(rsa.generate_private_key(65_537, 1024))  # noqa: S505  That it is refused is tested.
RSA, EC = PAIRS["RS256"], PAIRS["ES256"]
ONE = {"JWT_SECRET_KEY": LONG}

# Settings of GRAPHQL_JWT, previous keys, check id, and what the message must name.
CASES = {
    "short secret": ({"JWT_SECRET_KEY": SHORT}, [], "E050", "JWT_SECRET_KEY"),
    "31 bytes": ({"JWT_SECRET_KEY": "x" * 31}, [], "E050", "32 bytes"),
    "short previous secret": (ONE, [LONG, SHORT], "E050", "PREVIOUS_KEYS'][1]"),
    "weak RSA": ({"JWT_ALGORITHM": "RS256", **WEAK}, [], "E052", "JWT_PRIVATE_KEY"),
    "weak previous RSA": (RSA, [WEAK["JWT_PUBLIC_KEY"]], "E052", "PREVIOUS_KEYS'][0]"),
    "private as public": (
        {**RSA, "JWT_PUBLIC_KEY": RSA["JWT_PRIVATE_KEY"]},
        [],
        "E053",
        "JWT_PUBLIC_KEY",
    ),
    "private as previous": (RSA, [RSA["JWT_PRIVATE_KEY"]], "E053", "PREVIOUS_KEYS'][0]"),
    "public as private": (
        {**EC, "JWT_PRIVATE_KEY": EC["JWT_PUBLIC_KEY"]},
        [],
        "E012",
        "JWT_PRIVATE_KEY",
    ),
    "public as secret": ({"JWT_SECRET_KEY": RSA["JWT_PUBLIC_KEY"]}, [], "E012", "JWT_SECRET_KEY"),
    "of another pair": (
        {**RSA, "JWT_PUBLIC_KEY": OTHER_PAIRS["RS256"]["JWT_PUBLIC_KEY"]},
        [],
        "E012",
        "JWT_PUBLIC_KEY",
    ),
    "another algorithm": ({**EC, "JWT_ALGORITHM": "EdDSA"}, [], "E012", "EdDSA"),
    "another curve": ({**EC, "JWT_ALGORITHM": "ES384"}, [], "E012", "ES384"),
    "mixed with a secret": (RSA, [LONG], "E012", "PREVIOUS_KEYS'][0]"),
    "mixed with a pair": (ONE, [RSA["JWT_PUBLIC_KEY"]], "E012", "PREVIOUS_KEYS'][0]"),
    "garbage": ({"JWT_ALGORITHM": "RS256", "JWT_PRIVATE_KEY": LONG}, [], "E012", "JWT_PRIVATE_KEY"),
    "damaged": (
        {"JWT_ALGORITHM": "RS256", "JWT_PRIVATE_KEY": RSA["JWT_PRIVATE_KEY"][:900]},
        [],
        "E012",
        "JWT_PRIVATE_KEY",
    ),
    "a JWK": ({"JWT_SECRET_KEY": json.dumps({"kty": "oct", "k": LONG})}, [], "E012", "SECRET_KEY"),
}


@pytest.fixture(autouse=True)
def _hashers(settings):
    """Those of tests are named by `--deploy`, too."""
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS


def messages():
    found = checks.run_checks(include_deployment_checks=True)
    return [message for message in found if message.id.startswith("revocation.")]


def found():
    return {message.id: message for message in messages()}


@pytest.mark.parametrize(("jwt", "previous", "check_id", "named"), CASES.values(), ids=CASES)
class TestSettings:
    @pytest.fixture(autouse=True)
    def _set(self, settings, jwt, previous):
        settings.GRAPHQL_JWT = jwt
        settings.REVOCATION = {"PREVIOUS_KEYS": previous}

    def test_the_first_use_refuses_and_says_nothing_of_the_key(
        self, jwt, previous, check_id, named
    ):
        with pytest.raises(ImproperlyConfigured) as refusal:
            key_ring()

        said = str(refusal.value)
        assert f"revocation.{check_id}" in said
        assert named in said
        for key in (*jwt.values(), *previous):
            assert key in {"RS256", "ES256", "ES384", "EdDSA"} or key not in said
        assert "do-not-print-me" not in said
        assert "BEGIN" not in said

    def test_a_check_says_the_same_with_a_hint(self, jwt, previous, check_id, named):
        error = found()[f"revocation.{check_id}"]

        assert error.is_serious()
        assert named in error.msg
        assert error.hint


def entries(file):
    return json.loads(file.read_text())["keys"]


def write(file, *keys):
    file.write_text(json.dumps({"keys": keys}))


def changed(**changes):
    return lambda entry: [{**entry, **changes}]


PAIR, SECRET = new_key("EdDSA"), new_key("HS256")
# What becomes of the one entry of a good file, check id, and what the message must name.
BAD_FILES = {
    "no entries": (lambda entry: [], "E051", "one current key"),
    "two that sign": (lambda entry: [entry, entry], "E051", "another name"),
    "two that will": (
        lambda entry: [
            entry,
            {**entry, **SECRET.as_jwk(is_public=False), "status": "next"},
            {**entry, **PAIR.as_jwk(is_public=False), "status": "next"},
        ],
        "E051",
        "at most one next key",
    ),
    "none that signs": (changed(status="next"), "E051", "one current key"),
    "unknown status": (changed(status="retired"), "E051", "status"),
    "status that is no text": (changed(status=["current"]), "E051", "status"),
    "no time": (changed(since=None), "E051", "no set of keys"),
    "time without offset": (changed(since="2026-01-01T00:00:00"), "E051", "no set of keys"),
    "wrong name": (changed(kid="0" * 16), "E051", "another name"),
    "disabled": (changed(alg="none"), "E012", "Key 0"),
    "unknown algorithm": (changed(alg="HS1"), "E012", "Key 0"),
    "no algorithm": (changed(alg=None), "E012", "Key 0"),
    "secret as pair": (changed(alg="RS256"), "E012", "RS256"),
    "short": (changed(k="do-not-print-me"), "E050", "Key 0"),
    "empty": (changed(k=""), "E012", "Key 0"),
    "no key at all": (lambda entry: ["do-not-print-me"], "E051", "no set of keys"),
    "public half": (
        lambda entry: [{**entry, **PAIR.as_jwk(is_public=True)}],
        "E051",
        "private half",
    ),
}


@pytest.mark.parametrize(("change", "check_id", "named"), BAD_FILES.values(), ids=BAD_FILES)
def test_what_is_wrong_in_a_file_is_named_with_the_file(file, change, check_id, named):
    write(file, *change(entries(file)[0]))

    with pytest.raises(UnusableKey) as refusal:
        key_ring()

    said = str(refusal.value)
    assert f"revocation.{check_id}" in said
    assert str(file) in said
    assert named in said
    assert "do-not-print-me" not in said
    assert f"revocation.{check_id}" in found()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"do-not-print-me", "no set"),
        (b"\xff\xfe\x00", "no set"),
        (b"[]", "no set"),
        (b'{"keys": 7}', "no set"),
        (b"[" * 100_000, "no set"),
    ],
    ids=["empty", "blank", "text", "bytes", "list", "number", "deep"],
)
def test_garbage_is_called_so_and_not_repeated(path, content, named):
    path.write_bytes(content)

    with pytest.raises(UnusableKey, match=named) as refusal:
        key_ring()

    assert "do-not-print-me" not in str(refusal.value)


def test_a_file_that_is_not_there_is_made_as_the_hint_says(path):
    assert "rotate_key --create" in found()["revocation.E051"].hint
    rotate_key("--create")

    assert found() == {}


def test_a_folder_is_no_file(path):
    path.mkdir()

    with pytest.raises(UnusableKey, match="Is a directory"):
        key_ring()


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o606])
def test_a_file_that_everybody_may_read_or_write_is_warned_of(file, mode):
    file.chmod(mode)

    assert found()["revocation.W051"].hint == f"chmod o= {file}"


@pytest.mark.parametrize(("mode", "is_named"), [(0o707, True), (0o1777, False), (0o755, False)])
def test_a_folder_where_everybody_may_put_another_in_its_place_is_warned_of(file, mode, is_named):
    before = file.parent.stat().st_mode
    file.parent.chmod(mode)

    hints = [message.hint for message in found().values() if message.id == "revocation.W051"]

    file.parent.chmod(before)
    assert hints == [f"chmod o-w {file.parent}"] * is_named


def test_keys_beside_the_file_are_warned_of(file, settings):
    settings.GRAPHQL_JWT = {"JWT_SECRET_KEY": LONG}
    settings.REVOCATION = {**settings.REVOCATION, "PREVIOUS_KEYS": [LONG]}

    assert [message.hint for message in messages()] == [
        'Remove it: del GRAPHQL_JWT["JWT_SECRET_KEY"]',
        'Remove it: del REVOCATION["PREVIOUS_KEYS"]',
    ]
    assert key_ring().verifying.keys() == set(kids_of(file)["current"])


class TestSecretKey:
    def test_signing_with_it_is_warned_of_before_a_deployment(self):
        assert "rotate_key" in found()["revocation.W050"].hint

    @pytest.mark.parametrize("jwt", [ONE, RSA], ids=["secret", "pair"])
    def test_a_key_of_its_own_is_fine(self, settings, jwt):
        settings.GRAPHQL_JWT = jwt

        assert found() == {}

    def test_it_is_warned_of_also_by_name(self, settings):
        settings.GRAPHQL_JWT = {"JWT_SECRET_KEY": settings.SECRET_KEY}

        assert "revocation.W050" in found()

    def test_nobody_is_warned_at_other_times(self):
        assert checks.run_checks() == []


def test_a_private_key_is_enough_where_its_public_half_can_be_derived(settings):
    settings.GRAPHQL_JWT = {name: RSA[name] for name in ("JWT_ALGORITHM", "JWT_PRIVATE_KEY")}
    derived = key_ring().kid
    settings.GRAPHQL_JWT = RSA

    assert key_ring().kid == derived


def test_a_name_says_nothing_of_an_algorithm_that_a_key_lacks():
    with pytest.raises(UnusableKey):
        key_of_jwk({"kty": "oct", "k": "A" * 64, "alg": "none"}, source="A key")
