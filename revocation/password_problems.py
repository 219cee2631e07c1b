"""Every question about how soon somebody else has a password, by settings that are allowed."""

from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import get_hashers

from .problem import Problem
from .written import REVOCATION_DEFAULTS, as_timedelta, own_setting

STOCK_BACKENDS = {
    "django.contrib.auth.backends.AllowAllUsersModelBackend",
    "django.contrib.auth.backends.ModelBackend",
}
COUNTING_BACKEND = "revocation.backends.CountingModelBackend"

# Five, and sixteen, times what the defaults allow.
_MOST_GUESSES_AN_HOUR = {"ATTEMPTS_PER_ACCOUNT_AND_ADDRESS": 200, "ATTEMPTS_PER_ADDRESS": 20_000}
# One computer tries thousands of millions of passwords a second against these.
_FAST_HASHES = frozenset({"md5", "sha1", "unsalted_md5", "unsalted_sha1"})
_VALIDATORS = (
    'AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation." + name} '
    'for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", '
    '"CommonPasswordValidator", "NumericPasswordValidator")]'
)


def password_problems() -> Iterator[Problem]:
    """Ask them. Whoever does has seen to it that the settings can be read."""
    yield from _guesses_uncounted()
    yield from _guesses_too_many()
    yield from _hash_fast()
    yield from _passwords_unjudged()


def _guesses_uncounted() -> Iterator[Problem]:
    for name in _MOST_GUESSES_AN_HOUR:
        if own_setting(name) is None:
            yield Problem(
                "revocation.W068",
                f"REVOCATION[{name!r}] is None: nobody counts wrong passwords there.",
                f'del REVOCATION["{name}"]',
            )
    has_admin = apps.is_installed("django.contrib.admin") and not apps.is_installed("axes")
    for backend in STOCK_BACKENDS & {*settings.AUTHENTICATION_BACKENDS} if has_admin else ():
        yield Problem(
            "revocation.W074",
            f"The admin's log-in page asks {backend}: nobody counts wrong passwords there.",
            f'AUTHENTICATION_BACKENDS = ["{COUNTING_BACKEND}"]',
        )


def _guesses_too_many() -> Iterator[Problem]:
    window = as_timedelta(own_setting("ATTEMPTS_WINDOW"))
    for name, most in _MOST_GUESSES_AN_HOUR.items():
        allowed = own_setting(name) or 0
        if allowed > most * (window / timedelta(hours=1)):
            yield Problem(
                "revocation.W070",
                f"REVOCATION[{name!r}] allows {allowed} wrong passwords in {window}: in a day, all "
                "that are common are through.",
                f'REVOCATION["{name}"] = {REVOCATION_DEFAULTS[name]}; '
                'REVOCATION["ATTEMPTS_WINDOW"] = timedelta(minutes=15)',
            )


def _hash_fast() -> Iterator[Problem]:
    for hasher in get_hashers()[:1]:
        if hasher.algorithm in _FAST_HASHES:
            yield Problem(
                "revocation.E065",
                f"PASSWORD_HASHERS begins with {hasher.algorithm}: who copies the table of users "
                "knows most passwords the same day.",
                'PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.PBKDF2PasswordHasher")',
            )


def _passwords_unjudged() -> Iterator[Problem]:
    if not settings.AUTH_PASSWORD_VALIDATORS:
        yield Problem(
            "revocation.E066",
            "AUTH_PASSWORD_VALIDATORS is empty: changePassword takes '1' for a password.",
            _VALIDATORS,
        )
