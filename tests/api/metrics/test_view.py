"""Who may read `/metrics`, and in which form."""

import threading

import pytest
from django.db import OperationalError

from api.metrics import figures
from tests.waiting import wait_until

from .reading import TOKEN

DATABASE_UP = ("revocation_database_up",)
OPENMETRICS = "application/openmetrics-text"
SECRET = "password authentication failed for user hunter2"


def test_without_a_token_in_the_settings_there_is_no_such_page(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\N{SNOWMAN}"])
def test_a_wrong_token_reads_nothing(metrics, token):
    response = metrics.get(token)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert response.content == b""


def test_the_token_counts_in_the_header_alone(metrics):
    assert metrics.client.get(f"/metrics?token={TOKEN}").status_code == 401
    assert metrics.get("", Authorization=f"Basic {TOKEN}").status_code == 401
    assert metrics.get("", Authorization=f"bearer {TOKEN}").status_code == 200


def test_it_is_read_and_nothing_else(metrics):
    credentials = {"Authorization": f"Bearer {TOKEN}"}

    assert metrics.client.head("/metrics", headers=credentials).status_code == 200
    assert metrics.client.post("/metrics", headers=credentials).status_code == 405


def test_no_cache_keeps_it(metrics):
    assert "no-store" in metrics.get().headers["Cache-Control"]


def test_it_is_not_redirected_to_https(metrics, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert metrics.get().status_code == 200


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain"),
        ("*/*", "text/plain"),
        (f"{OPENMETRICS};version=1.0.0,text/plain;q=0.5", OPENMETRICS),
    ],
)
def test_the_form_is_what_prometheus_accepts(metrics, accept, media_type):
    response = metrics.get(Accept=accept)

    assert response.headers["Content-Type"].partition(";")[0] == media_type
    assert b"revocation_verdicts_total" in response.content


def test_what_was_never_counted_is_nought_and_not_missing(metrics):
    samples = metrics.samples()

    assert samples["revocation_reuse_alarms_total",] == 0
    assert samples["revocation_verdicts_total", "refused", "TOKEN_REVOKED"] == 0


class TestTheDatabase:
    def test_says_what_it_says(self, metrics):
        samples = metrics.samples()

        assert samples[DATABASE_UP] == 1
        assert samples["revocation_live_sessions",] == 2
        assert samples["revocation_rows", "blacklist"] == 1
        assert samples["revocation_purge_overdue_seconds", "blacklist"] == 60

    def test_is_asked_once_for_many_who_look(self, metrics, monkeypatch):
        asked = []
        monkeypatch.setattr(figures, "read", lambda: asked.append(1))

        for _ in range(5):
            metrics.samples()

        assert len(asked) == 1

    def test_that_fails_leaves_the_counters_and_is_not_quoted(self, metrics, monkeypatch, caplog):
        def read():
            raise OperationalError(SECRET)

        monkeypatch.setattr(figures, "read", read)
        response = metrics.get()

        assert response.status_code == 200
        assert b"revocation_database_up 0.0" in response.content
        assert b"revocation_verdicts_total" in response.content
        assert b"revocation_rows" not in response.content
        assert b"hunter2" not in response.content
        assert "No figures" in caplog.text

    def test_that_hangs_is_not_waited_for_and_not_asked_again(self, metrics, monkeypatch):
        asked, goes_on = [], threading.Event()

        def read():
            asked.append(1)
            goes_on.wait()

        monkeypatch.setattr(figures, "read", read)
        monkeypatch.setattr(figures, "PATIENCE_SECONDS", 0.05)
        monkeypatch.setattr(figures, "FRESH_SECONDS", 0)
        try:
            assert metrics.samples()[DATABASE_UP] == 0
            assert metrics.samples()[DATABASE_UP] == 0
            assert len(asked) == 1
        finally:
            goes_on.set()

    def test_is_asked_again_once_the_answer_is_old(self, metrics, monkeypatch):
        asked = []
        monkeypatch.setattr(figures, "read", lambda: asked.append(1))
        monkeypatch.setattr(figures, "FRESH_SECONDS", 0)

        metrics.samples()
        metrics.samples()

        assert len(asked) == 2

    def test_is_left_without_the_connection_it_was_asked_by(self, metrics, monkeypatch):
        closed = []

        def close_all():
            closed.append(threading.current_thread().name)

        monkeypatch.setattr(figures.connections, "close_all", close_all)

        metrics.samples()

        wait_until(lambda: closed, else_say=lambda: "It is kept")
        assert closed == ["metrics"]
