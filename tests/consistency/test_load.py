"""A load goes on while its servers die and come back elsewhere, and judges what it then saw."""

import subprocess
import sys

import pytest

from tests.consistency.__main__ import main
from tests.consistency.checker import check
from tests.consistency.history import NO_ANSWER, UNSENT
from tests.consistency.load import ClientDied, Load
from tests.consistency.recovery import recovery
from tests.consistency.runs import Run, url_of
from tests.consistency.story import Story
from tests.live import ROOT, USERS

RUN = Run(clients=3)


@pytest.fixture
def server(sqlite_template):
    with RUN.served(sqlite_template) as server:
        yield server


def test_servers_that_die_and_come_back_elsewhere(server):
    setting = RUN.setting(has_faults=True)
    with Load([url_of(server)], USERS, setting, patience=5) as load:
        load.run(1, operations=300)
        killed = load.mark("everything was killed")
        server.crash()
        load.run(0.2)
        server.start()
        begun = load.mark("and started")
        load.use([url_of(server)])
        # So many that each kind is among them: one in a hundred is of the rarest.
        load.run(1, operations=load.count() + 2000)

    report = check(load.history)
    assert not report.violations, str(report)
    assert report.unanswered > 0
    assert {NO_ANSWER, UNSENT} & report.outcomes.keys()
    assert [mark.text for mark in load.history.marks] == ["everything was killed", "and started"]
    assert recovery(load.history, since=killed).first >= begun - killed
    assert recovery(load.history, since=begun).steady < 60


def test_without_faults_the_same_is_a_violation(server):
    with Load([url_of(server)], USERS, RUN.setting(), patience=5) as load:
        load.run(0, operations=50)
        server.crash()
        load.run(0, operations=load.count() + 5)
    assert set(check(load.history).rules) == {"availability"}


def test_a_client_that_dies_leaves_no_verdict(server):
    load = Load([url_of(server)], USERS, RUN.setting())
    with pytest.raises(ClientDied):
        lose_a_client(load)
    assert load.history is None


def lose_a_client(load):
    with load:
        load.run(0, operations=20)
        load._clients[0].kill()
        load.run(5)


def test_a_kept_history_is_judged_again(tmp_path, capsys):
    story = Story()
    story.sign_in("a", at=0)
    good = story.history().save(tmp_path / "good.jsonl")
    story.log_out("a", at=1)
    story.ask("a", at=2)
    bad = story.history().save(tmp_path / "bad.jsonl")

    assert main(["check", str(good)]) == 0
    assert "violations: 0" in capsys.readouterr().out
    assert main(["check", str(bad)]) == 1
    shown = capsys.readouterr().out
    assert "[revoked] me was answered after the session had been ended" in shown
    assert '"kind": "logout"' in shown


def test_the_command_runs_a_load_and_keeps_the_history(tmp_path):
    command = [sys.executable, "-m", "tests.consistency", "--database", "sqlite", "--seconds", "1"]
    options = ["--clients", "2", "--workers", "2", "--seed", "7", "--history", str(tmp_path)]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 7" in done.stdout
    [kept] = tmp_path.iterdir()
    assert f"python -m tests.consistency check {kept}" in done.stdout
    assert main(["check", str(kept)]) == 0
