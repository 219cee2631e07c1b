"""A wrong environment variable is refused by its name, not guessed at."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from api import environment


@pytest.mark.filterwarnings("ignore:Engine not recognized")
@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda: environment.seconds("VARIABLE", default=1), "abc"),
        (lambda: environment.seconds("VARIABLE", default=1), "0"),
        (lambda: environment.seconds("VARIABLE", default=1), "-1"),
        (lambda: environment.seconds("VARIABLE", default=1), "1.5"),
        (lambda: environment.switch("VARIABLE", default=True), "maybe"),
        (lambda: environment.choice("VARIABLE", of=("database", "redis")), "Redis"),
        (lambda: environment.choice("VARIABLE", of=("database", "redis")), "memcached"),
        (lambda: environment.networks("VARIABLE"), "abc/24"),
        (lambda: environment.networks("VARIABLE"), "10.0.0.0/8,10.0.0.1/8"),
        (lambda: environment.database("VARIABLE"), "foo"),
        (lambda: environment.origins("VARIABLE"), "*"),
        (lambda: environment.origins("VARIABLE"), "null"),
        (lambda: environment.origins("VARIABLE"), "app.example.com"),
        (lambda: environment.origins("VARIABLE"), "https://app.example.com/"),
        (lambda: environment.origins("VARIABLE"), "https://app.example.com:443"),
        (lambda: environment.origins("VARIABLE"), "https://*.example.com"),
        (lambda: environment.origins("VARIABLE"), "https://a.example https://b.example"),
    ],
)
def test_it_is_named(monkeypatch, read, text):
    monkeypatch.setenv("VARIABLE", text)

    with pytest.raises(ImproperlyConfigured, match="VARIABLE"):
        read()


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("ON", True), ("0", False), ("false", False)]
)
def test_a_switch_is_read_in_any_usual_way(monkeypatch, text, expected):
    monkeypatch.setenv("VARIABLE", text)

    assert environment.switch("VARIABLE", default=not expected) is expected


@pytest.mark.parametrize(("text", "expected"), [("one", "one"), ("two", "two"), ("", "one")])
def test_a_choice_is_one_of_its_words(monkeypatch, text, expected):
    monkeypatch.setenv("VARIABLE", text)

    assert environment.choice("VARIABLE", of=("one", "two")) == expected


def test_what_is_not_set_has_its_default(monkeypatch):
    monkeypatch.delenv("VARIABLE", raising=False)

    assert environment.seconds("VARIABLE", default=42) == 42
    assert environment.switch("VARIABLE", default=True) is True
    assert environment.choice("VARIABLE", of=("one", "two")) == "one"
    assert environment.networks("VARIABLE") == []
    assert environment.database("VARIABLE") is None


def test_origins_are_exact(monkeypatch):
    monkeypatch.setenv("VARIABLE", "https://app.example.com,http://127.0.0.1:5173,http://[::1]:81")

    assert environment.origins("VARIABLE") == [
        "https://app.example.com",
        "http://127.0.0.1:5173",
        "http://[::1]:81",
    ]
