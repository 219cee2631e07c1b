"""Environment variables, read strictly: what is wrong with one is said by its name."""

import os
import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

# How options in a URL say what is no text and no number.
_WORDS = {"true": True, "false": False, "none": None}
_DEFAULT_PORT = {"http": ":80", "https": ":443"}
# Nobody counts wrong guesses of a secret: it must be too long for guessing.
FEWEST_CHARACTERS = 32
# What may stand behind `Bearer` (RFC 6750, 2.1).
_SECRET = re.compile(rf"[A-Za-z0-9._~+/-]{{{FEWEST_CHARACTERS},}}=*")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?|https?://\[[0-9a-f:]+\](:\d+)?")


def seconds(name: str, *, default: int, least: int = 1) -> int:
    """Return a whole number of seconds."""
    text = env.str(name, default=str(default))
    if text.isascii() and text.isdigit() and int(text) >= least:
        return int(text)
    raise ImproperlyConfigured(f"{name} must be a whole number, {least} or more, not {text!r}.")


def count(name: str) -> int | None:
    """Return a whole number above zero; None where it is not set, or empty."""
    return seconds(name, default=1) if env.str(name, default="") else None


def switch(name: str, *, default: bool) -> bool:
    """Return whether something is on; a misspelled answer is no answer."""
    text = env.str(name, default=str(default)).lower()
    if text in {"true", "1", "yes", "on"}:
        return True
    if text in {"false", "0", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")


def choice(name: str, *, of: tuple[str, ...]) -> str:
    """Return one of a few words, the first by default."""
    word = env.str(name, default="") or of[0]
    if word not in of:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(of)}, not {word!r}.")
    return word


def secret(name: str) -> str:
    """Return a text that nobody guesses and that fits into a header, or none."""
    text: str = env.str(name, default="")
    if text and not _SECRET.fullmatch(text):
        raise ImproperlyConfigured(
            f"{name} must be {FEWEST_CHARACTERS} characters or more: letters, digits, and "
            "- . _ ~ + / =. For instance the output of: openssl rand -hex 32"
        )
    return text


def origins(name: str) -> list[str]:
    """Return origins such as https://app.example.com, separated by commas."""
    found: list[str] = env.list(name, default=[])
    for text in found:
        if not _ORIGIN.fullmatch(text) or text.endswith(_DEFAULT_PORT[text.partition(":")[0]]):
            raise ImproperlyConfigured(
                f"{name} must name exact origins, for instance https://app.example.com (scheme, "
                f"host, and the port unless it is the default one), not {text!r}."
            )
    return found


def networks(name: str) -> list[str]:
    """Return addresses and networks, separated by commas."""
    found: list[str] = env.list(name, default=[])
    for text in found:
        try:
            ip_network(text)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} must name addresses or networks: {error}."
            ) from None
    return found


def database(name: str) -> dict[str, Any] | None:
    """Return the database a URL names, if it is set."""
    if not env.str(name, default=""):
        return None
    found: dict[str, Any] = env.db(name)
    if not found.get("ENGINE"):
        raise ImproperlyConfigured(
            f"{name} is no database URL. Write, for instance, sqlite:////path/to/db.sqlite3"
        )
    options = found.get("OPTIONS", {})
    found["OPTIONS"] = {key: _WORDS.get(value, value) for key, value in options.items()}
    return found


def keys(*names: str) -> dict[str, str]:
    """Return those keys that are set: each in a variable, or in the file that `<name>_FILE` names.

    They are taken as they are: django-environ would follow a `$` at their beginning.
    """
    found = {}
    for name in names:
        text, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
        if text and path:
            raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
        if text or path:
            found[name] = text or _read_key(f"{name}_FILE", path)
    return found


def previous_keys(name: str, files: str) -> list[str]:
    """Return keys in a variable, and in the files that another names, each separated by commas."""
    return [*_listed(name), *(_read_key(files, path) for path in _listed(files))]


def _listed(name: str) -> Iterator[str]:
    return filter(None, map(str.strip, os.environ.get(name, "").split(",")))


def _read_key(name: str, path: str) -> str:
    try:
        text = Path(path).read_text().strip("\r\n")
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        reason = "is no text"
    else:
        if text:
            return text
        reason = "is empty"
    raise ImproperlyConfigured(f"{name} names {path}, which {reason}.")
