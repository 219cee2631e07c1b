"""What the command does with its parts: what is missing, what fails, what is told at the end."""

import json
import sys
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command
from benchmarks.chart import panels_of
from benchmarks.over_http import options, under_load, wrk
from benchmarks.over_http import run as run_module
from benchmarks.over_http.apollo import ApolloServer, ApolloServerWithKey
from benchmarks.over_http.contenders import CONTENDERS
from benchmarks.over_http.results import Findings, Verdict

from .over_http import run

FOUND = {"machine": {}, "runs": [{"targets": [{"says": "SQLite: target: kept"}]}]}


@pytest.fixture
def parts(monkeypatch):
    """Let neither part measure anything; note what each was told."""
    told = SimpleNamespace(process=[], http=[])
    findings = Findings({}, workers=2, targets=[Verdict("some", 1.5, is_met=True)])
    monkeypatch.setattr(command, "run_each", lambda *_, **how: told.process.append(how) or FOUND)
    monkeypatch.setattr(command, "run", lambda chosen: told.http.append(chosen) or findings)
    return told


def main(*arguments):
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    return ended.value.code


def test_both_parts_are_run_and_their_targets_stand_in_one_list(parts, capsys, tmp_path):
    path = tmp_path / "figures.json"
    assert not main("--json", str(path))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["", "SQLite: target: kept", "target: some: met (1.500)"]
    assert set(json.loads(path.read_text())) == {"machine", "runs", "over_http"}


@pytest.mark.parametrize(("part", "counts"), [("process", (1, 0)), ("http", (0, 1))])
def test_one_part_can_be_run_alone(parts, part, counts):
    assert not main("--parts", part)
    assert (len(parts.process), len(parts.http)) == counts


def test_quick_is_quick_in_both_parts(parts):
    main("--quick", "--servers", "ours", "--flat-rows", "5,6")
    assert parts.process == [{"rounds": 2, "requests": 2}]
    [told] = parts.http
    assert (told.rounds, told.requests, told.connections) == (1, 40, (16,))
    assert (told.servers, told.flat_rows) == (("ours",), (5, 6))


def test_what_was_found_in_process_is_not_lost_by_a_failure_over_http(
    parts, monkeypatch, capsys, tmp_path
):
    def fail(_):
        raise OSError

    path = tmp_path / "figures.json"
    monkeypatch.setattr(command, "run", fail)
    with pytest.raises(OSError):  # noqa: PT011  Nothing but what was raised.
        command.main(["--json", str(path)])
    assert json.loads(path.read_text()) == FOUND
    assert "SQLite: target: kept" in capsys.readouterr().out


def test_figures_of_an_earlier_run_are_kept_where_a_new_one_finds_nothing(
    parts, monkeypatch, tmp_path
):
    path = tmp_path / "figures.json"
    path.write_text("earlier")
    monkeypatch.setattr(command, "run_each", lambda *_, **__: sys.exit("Unfaithful"))
    assert main("--json", str(path)) == "Unfaithful"
    assert path.read_text() == "earlier"


def test_a_wrong_answer_under_load_is_told_by_the_exit(parts, monkeypatch):
    row = SimpleNamespace(name="ours", work="me", connections=16, errors=3, sample="500 oops")
    findings = Findings({}, workers=2, rows=[row])
    assert run_module.complaint(findings) == "ours, me, 16: 3 errors. 500 oops"
    monkeypatch.setattr(command, "run", lambda _: findings)
    monkeypatch.setattr(command, "as_data", lambda _: {})
    assert main() == "ours, me, 16: 3 errors. 500 oops"


def test_without_wrk_all_but_the_load_is_measured_and_it_is_said_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(wrk, "is_installed", lambda: False)
    measured = []
    for part in options.PARTS:
        monkeypatch.setitem(run_module._RUNS, part, lambda *_, part=part: measured.append(part))
    run_module.run(options.read([]))
    assert measured == ["kept", "flat"]
    assert "apt install wrk" in capsys.readouterr().out


def test_who_cannot_be_started_is_left_out_with_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(ApolloServer, "missing", classmethod(lambda _: "Install Node."))
    names = under_load.possible()
    assert ApolloServerWithKey.name not in names
    assert {name for name in CONTENDERS if name.startswith(("floor", "ours"))} <= set(names)
    assert "apollo-server is left out. Install Node." in capsys.readouterr().out


def test_who_was_asked_for_and_cannot_be_started_ends_the_run(monkeypatch):
    monkeypatch.setattr(ApolloServer, "missing", classmethod(lambda _: "Install Node."))
    with pytest.raises(SystemExit, match=r"Install Node\. Or leave it out"):
        under_load.ensure_possible(["ours", "apollo-server"])


def test_an_option_of_the_part_over_http_is_read_before_anything_is_measured():
    done = run("--works", "theirs", module="benchmarks")
    assert done.returncode == 2
    assert "theirs is none of me, books" in done.stderr


def throughput(name, work, connections, value):
    return {"name": name, "work": work, "connections": connections, "throughput": value}


def test_the_chart_has_a_panel_of_throughput_where_all_was_measured():
    rows = [
        throughput("ours", "me", 1, 10.0),
        throughput("ours", "me", 16, 20.0),
        throughput("ours", "logout", 16, 30.0),
    ]
    [panel] = panels_of({"runs": [], "over_http": {"rows": rows}})
    assert "16 connections" in panel.title
    assert panel.values["me"] == {"ours": 20.0}
    assert panel.values["logout"] == {"ours": 30.0}
    assert panel.names == ["ours"]


def test_the_chart_has_no_panel_for_what_was_not_run():
    assert list(panels_of({"runs": []})) == []
    assert list(panels_of({"runs": [], "over_http": {"rows": []}})) == []
