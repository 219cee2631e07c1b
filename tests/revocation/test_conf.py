"""A setting that would let a dead token live is named, with its remedy, and never obeyed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from revocation.conf import conf
from revocation.problems import problems

JWT, OWN = "GRAPHQL_JWT", "REVOCATION"
BAD_DURATIONS = {
    "text": "300",
    "none": None,
    "true": True,
    "negative": -1,
    "negative timedelta": timedelta(seconds=-1),
    "list": [300],
    "no number": float("nan"),
    "infinite": float("inf"),
    "beyond the calendar": timedelta.max,
    "beyond any timedelta": 10**20,
}
DURATIONS = {
    "JWT_EXPIRATION_DELTA": JWT,
    "JWT_REFRESH_EXPIRATION_DELTA": JWT,
    "JWT_LEEWAY": JWT,
    "SESSION_ABSOLUTE_LIFETIME": OWN,
    "GRACE_SECONDS": OWN,
    "RETENTION_MARGIN": OWN,
    "ATTEMPTS_WINDOW": OWN,
    "REDIS_TIMEOUT": OWN,
}
MAY_BE_ZERO = {"JWT_LEEWAY", "GRACE_SECONDS", "RETENTION_MARGIN"}

# Case, setting, value, check id, and what its message or hint must name.
CASES = [
    ("misspelled", JWT, {"JWT_EXPIRATION_DETLA": 1}, "E001", "'JWT_EXPIRATION_DELTA'"),
    ("lower case", JWT, {"jwt_algorithm": "HS256"}, "E001", "'jwt_algorithm'"),
    ("in the wrong place", JWT, {"GRACE_SECONDS": 1}, "E001", "'GRACE_SECONDS'"),
    ("no name at all", JWT, {42: 1}, "E001", "42"),
    ("misspelled", OWN, {"GRACE_SECOND": 1}, "E002", "'GRACE_SECONDS'"),
    ("misspelled", OWN, {"PREVIOUS_KEY": []}, "E002", "'PREVIOUS_KEYS'"),
    ("in the wrong place", OWN, {"JWT_LEEWAY": 1}, "E002", "'JWT_LEEWAY'"),
    ("signature off", JWT, {"JWT_VERIFY": False}, "E003", "JWT_VERIFY"),
    ("expiry off", JWT, {"JWT_VERIFY_EXPIRATION": False}, "E004", "JWT_VERIFY_EXPIRATION"),
    ("expiry none", JWT, {"JWT_VERIFY_EXPIRATION": None}, "E004", "JWT_VERIFY_EXPIRATION"),
    ("no algorithm", JWT, {"JWT_ALGORITHM": "none"}, "E005", "JWT_ALGORITHM"),
    ("null algorithm", JWT, {"JWT_ALGORITHM": None}, "E005", "HS256"),
    ("unknown algorithm", JWT, {"JWT_ALGORITHM": "HS1"}, "E005", "HS256"),
    ("several algorithms", JWT, {"JWT_ALGORITHM": ["HS256", "RS256"]}, "E005", "HS256"),
    ("no secret", JWT, {"JWT_SECRET_KEY": ""}, "E006", "JWT_SECRET_KEY"),
    ("no pair", JWT, {"JWT_ALGORITHM": "RS256"}, "E006", "JWT_PRIVATE_KEY"),
    (
        "half a pair",
        JWT,
        {"JWT_ALGORITHM": "ES256", "JWT_PUBLIC_KEY": "x"},
        "E006",
        "JWT_PRIVATE_KEY",
    ),
    ("secret and pair", JWT, {"JWT_PUBLIC_KEY": "x"}, "E007", "JWT_ALGORITHM"),
    ("token as argument", JWT, {"JWT_ALLOW_ARGUMENT": True}, "E008", "JWT_ALLOW_ARGUMENT"),
    ("local time", "USE_TZ", False, "E010", "USE_TZ"),
    ("no path", OWN, {"KEYS_FILE": 7}, "E054", 'REVOCATION["KEYS_FILE"] = '),
    ("empty path", OWN, {"KEYS_FILE": ""}, "E054", "KEYS_FILE"),
    ("path of nowhere", OWN, {"KEYS_FILE": "keys.json"}, "E054", "KEYS_FILE"),
    ("no URL", OWN, {"STORE": "redis"}, "E016", "REDIS_URL"),
    ("wrong URL", OWN, {"STORE": "standby", "REDIS_URL": "localhost"}, "E016", "REDIS_URL"),
    *[
        (kind, OWN, {name: value}, "E015", f'REVOCATION["{name}"] = {default}.')
        for name, default in (
            ("ATTEMPTS_PER_ACCOUNT_AND_ADDRESS", 10),
            ("ATTEMPTS_PER_ADDRESS", 300),
        )
        for kind, value in {"zero": 0, "text": "10", "true": True, "fraction": 2.5}.items()
    ],
    ("shorter than an access token", OWN, {"IDLE_TIMEOUT": 299}, "E058", "timedelta(seconds=300)"),
    (
        "shorter than the grace window",
        OWN,
        {"IDLE_TIMEOUT": timedelta(seconds=400), "GRACE_SECONDS": 400.5},
        "E058",
        "timedelta(seconds=400.5)",
    ),
    *[
        (kind, OWN, {"IDLE_TIMEOUT": value}, "E009", "IDLE_TIMEOUT")
        for kind, value in (BAD_DURATIONS | {"zero": 0}).items()
        if kind != "none"
    ],
    *[
        (kind, OWN, {"MAX_SESSIONS": value}, "E059", 'REVOCATION["MAX_SESSIONS"] = 5.')
        for kind, value in {"zero": 0, "text": "5", "true": True, "fraction": 2.5}.items()
    ],
    *[
        (kind, setting, {name: value}, "E009", name)
        for name, setting in DURATIONS.items()
        for kind, value in BAD_DURATIONS.items()
    ],
    *[
        ("zero", setting, {name: 0}, "E009", name)
        for name, setting in DURATIONS.items()
        if name not in MAY_BE_ZERO
    ],
]


def identify(case):
    kind, setting, value, check_id, _ = case
    return f"{check_id}-{kind}-{next(iter(value), '') if isinstance(value, dict) else setting}"


@pytest.mark.parametrize("case", CASES, ids=identify)
class TestProblems:
    @pytest.fixture(autouse=True)
    def _set(self, settings, case):
        _, name, value, *_ = case
        setattr(settings, name, value)

    def test_a_problem_has_its_id_and_names_the_setting(self, case):
        *_, check_id, named = case

        found = {problem.id: problem for problem in problems()}

        problem = found[f"revocation.{check_id}"]
        assert named in problem.message + problem.hint

    def test_its_message_and_its_hint_are_sentences(self, case):
        for problem in problems():
            assert problem.message.endswith(".")
            assert problem.hint.endswith((".", "?"))

    def test_the_first_use_refuses(self, case):
        *_, check_id, _ = case

        with pytest.raises(ImproperlyConfigured, match=f"revocation.{check_id}"):
            conf()


@pytest.mark.parametrize(
    "keys",
    ["a secret outside a list", b"a secret outside a list", None, 1, [""], [b""], [None], [1]],
    ids=repr,
)
def test_previous_keys_that_are_no_list_of_keys_are_refused(settings, keys):
    """A text is a sequence of letters, and each would be a key that anybody can guess."""
    settings.REVOCATION = {"PREVIOUS_KEYS": keys}

    with pytest.raises(ImproperlyConfigured, match="PREVIOUS_KEYS"):
        conf()


@pytest.mark.parametrize(("name", "setting"), DURATIONS.items())
@pytest.mark.parametrize("value", [60, 60.0, timedelta(minutes=1)], ids=repr)
def test_a_duration_may_be_given_in_seconds(settings, name, setting, value):
    setattr(settings, setting, {name: value})

    assert problems() == []
    assert timedelta(minutes=1) in vars_of(conf()).values()


@pytest.mark.parametrize("name", MAY_BE_ZERO)
def test_a_duration_that_may_be_zero_may_be_zero(settings, name):
    setattr(settings, DURATIONS[name], {name: 0})

    assert problems() == []


def vars_of(reading):
    return {name: getattr(reading, name) for name in reading.__slots__}


class TestReading:
    def test_the_projects_own_settings_have_no_problem(self):
        assert problems() == []

    def test_settings_left_out_are_safe(self, settings):
        del settings.GRAPHQL_JWT
        del settings.REVOCATION

        assert conf().access_lifetime == timedelta(minutes=5)
        assert conf().grace == timedelta(seconds=10)
        assert conf().leeway == timedelta(0)
        assert (conf().idle_timeout, conf().max_sessions) == (None, None)
        assert (conf().end_on_password_change, conf().end_on_deactivation) == (True, True)
        assert not conf().end_on_demotion

    @pytest.mark.parametrize("value", [300, 300.0, timedelta(minutes=5)], ids=repr)
    def test_an_idle_timeout_may_be_as_short_as_an_access_token(self, settings, value):
        settings.REVOCATION = {"IDLE_TIMEOUT": value}

        assert problems() == []
        assert conf().idle_timeout == timedelta(minutes=5)

    def test_the_store_is_the_database_unless_another_is_named(self, settings):
        del settings.REVOCATION

        assert (conf().store, conf().redis_url) == ("database", "")
        assert conf().redis_timeout == timedelta(milliseconds=50)

    def test_a_change_is_read_at_once(self, settings):
        before = conf().grace
        settings.REVOCATION = {"GRACE_SECONDS": 42}

        assert (before, conf().grace) == (timedelta(seconds=10), timedelta(seconds=42))

    def test_a_bad_setting_is_refused_as_often_as_it_is_asked_for(self, settings):
        settings.GRAPHQL_JWT = {"JWT_VERIFY": False}

        for _ in range(2):
            with pytest.raises(ImproperlyConfigured):
                conf()

    def test_a_setting_put_right_is_taken(self, settings):
        settings.GRAPHQL_JWT = {"JWT_VERIFY": False}
        with pytest.raises(ImproperlyConfigured):
            conf()
        settings.GRAPHQL_JWT = {}

        assert conf().algorithm == "HS256"

    def test_the_secret_key_in_force_signs_unless_another_is_given(self, settings):
        settings.GRAPHQL_JWT = {}
        settings.SECRET_KEY = "another secret of more than thirty-two bytes"

        assert conf().signing_key == settings.SECRET_KEY

    def test_every_problem_is_told_at_once(self, settings):
        settings.GRAPHQL_JWT = {"JWT_VERIFY": False, "JWT_VERIFY_EXPIRATION": False}
        settings.REVOCATION = {"GRACE_SECONDS": -1}

        with pytest.raises(ImproperlyConfigured) as refusal:
            conf()

        for check_id in ("E003", "E004", "E009"):
            assert f"revocation.{check_id}" in str(refusal.value)

    def test_no_problem_repeats_a_key(self, settings):
        secret = "do-not-print-me-do-not-print-me-do-not-print-me"
        settings.GRAPHQL_JWT = {"JWT_SECRET_KEY": secret, "JWT_PUBLIC_KEY": secret}
        settings.REVOCATION = {
            "PREVIOUS_KEYS": secret,
            "STORE": "redis",
            "REDIS_URL": f"redis:/{secret}@localhost",
        }

        with pytest.raises(ImproperlyConfigured) as refusal:
            conf()

        assert "do-not-print-me" not in str(refusal.value)
