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
        (lambda: environment.count("VARIABLE"), "00"),
        (lambda: environment.count("VARIABLE"), "five"),
        (lambda: environment.switch("VARIABLE", default=True), "maybe"),
        (lambda: environment.choice("VARIABLE", of=("database", "redis")), "Redis"),
        (lambda: environment.choice("VARIABLE", of=("database", "redis")), "memcached"),
        (lambda: environment.networks("VARIABLE"), "abc/24"),
        (lambda: environment.networks("VARIABLE"), "10.0.0.0/8,10.0.0.1/8"),
        (lambda: environment.database("VARIABLE"), "foo"),
        (lambda: environment.secret("VARIABLE"), "s" * 31),
        (lambda: environment.secret("VARIABLE"), "s" * 31 + " s"),
        (lambda: environment.secret("VARIABLE"), "\N{SNOWMAN}" * 32),
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


@pytest.mark.parametrize(("text", "expected"), [("5", 5), ("", None)])
def test_a_count_may_be_left_empty(monkeypatch, text, expected):
    monkeypatch.setenv("VARIABLE", text)

    assert environment.count("VARIABLE") == expected


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


@pytest.mark.parametrize("text", ["", "s" * 32, "aB3-._~+/" * 4 + "=="])
def test_a_secret_is_long_and_fits_into_a_header_or_is_none(monkeypatch, text):
    monkeypatch.setenv("VARIABLE", text)

    assert environment.secret("VARIABLE") == text


def test_a_secret_that_is_refused_is_not_repeated(monkeypatch):
    monkeypatch.setenv("VARIABLE", "hunter2")

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.secret("VARIABLE")
    assert "hunter2" not in str(refused.value)


def test_what_is_not_set_has_its_default(monkeypatch):
    monkeypatch.delenv("VARIABLE", raising=False)

    assert environment.seconds("VARIABLE", default=42) == 42
    assert environment.count("VARIABLE") is None
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


class TestKeys:
    def test_one_may_be_in_a_variable_or_in_a_file(self, monkeypatch, tmp_path):
        (tmp_path / "secret").write_text("$from a file\n")
        monkeypatch.setenv("ONE", "$from a variable")
        monkeypatch.setenv("OTHER_FILE", str(tmp_path / "secret"))

        assert environment.keys("ONE", "OTHER", "NEITHER") == {
            "ONE": "$from a variable",
            "OTHER": "$from a file",
        }

    def test_previous_ones_may_be_in_both(self, monkeypatch, tmp_path):
        (tmp_path / "old.pem").write_text("-----BEGIN\nIII\n-----END\n")
        monkeypatch.setenv("KEYS", "one, two,")
        monkeypatch.setenv("FILES", str(tmp_path / "old.pem"))

        found = environment.previous_keys("KEYS", "FILES")
        assert found == ["one", "two", "-----BEGIN\nIII\n-----END"]

    def test_none_is_none(self, monkeypatch):
        monkeypatch.setenv("EMPTY", "")

        assert environment.keys("EMPTY", "UNSET") == {}
        assert environment.previous_keys("EMPTY", "UNSET") == []

    @pytest.mark.parametrize(
        ("content", "reason"), [(b"\n", "is empty"), (b"\xff\xfe", "is no text"), (None, "No such")]
    )
    def test_a_file_that_has_none_is_named(self, monkeypatch, tmp_path, content, reason):
        path = tmp_path / "secret"
        if content is not None:
            path.write_bytes(content)
        monkeypatch.setenv("KEY_FILE", str(path))

        with pytest.raises(ImproperlyConfigured, match=f"KEY_FILE names {path}, which .*{reason}"):
            environment.keys("KEY")
        with pytest.raises(ImproperlyConfigured, match=f"KEY_FILE names {path}, which .*{reason}"):
            environment.previous_keys("KEY", "KEY_FILE")

    def test_two_places_for_one_are_one_too_many(self, monkeypatch):
        monkeypatch.setenv("KEY", "do-not-print-me")
        monkeypatch.setenv("KEY_FILE", "/anywhere")

        with pytest.raises(ImproperlyConfigured, match="KEY or KEY_FILE, not both") as refusal:
            environment.keys("KEY")
        assert "do-not-print-me" not in str(refusal.value)
