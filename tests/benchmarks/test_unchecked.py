"""The switch that takes the check out of our guard is the benchmarks' alone, and an error."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import unchecked
from tests.client import LOGOUT, ME

ROOT = Path(__file__).resolve().parents[2]

REVOKED_AND_ASKED = """
import json
from benchmarks import stage
from benchmarks.setups import Setup

with stage.prepared(Setup("sqlite", "database")) as user:
    from django.core.checks import run_checks
    from benchmarks.contenders.ours import Ours
    from benchmarks.contenders.ours_unchecked import OursUnchecked
    from benchmarks.http import ask
    from benchmarks.switching import in_force
    from benchmarks.work import me

    work, found, token = me(user), {}, ""
    for contender in (OursUnchecked(), Ours()):
        with in_force(contender):
            application = contender.build()
            token = token or contender.sign_in(application, user)
            contender.revoke(application, token)
            answer = ask(application, contender.request(work, token))
            errors = [message.id for message in run_checks() if message.is_serious()]
            found[contender.name] = [work.refusal(answer), errors]
    print(json.dumps(found))
"""


def test_check_calls_the_setting_an_error(settings):
    assert unchecked.check_unchecked() == []
    settings.BENCHMARKS_UNCHECKED = True
    [error] = unchecked.check_unchecked()
    assert error.id == "benchmarks.E001"
    assert error.is_serious()


def test_the_switch_opens_the_guard_to_a_revoked_token_and_closes_it_again():
    done = subprocess.run(
        [sys.executable, "-c", REVOKED_AND_ASKED],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    off, on = '"ours-unchecked": [null, ["benchmarks.E001"]]', '"ours": ["TOKEN_REVOKED", []]'
    assert done.stdout.splitlines()[-1] == f"{{{off}, {on}}}"


def test_where_the_benchmarks_are_not_installed_the_setting_does_nothing(graphql, alice, settings):
    settings.BENCHMARKS_UNCHECKED = True
    client = graphql.bearing(graphql.sign_in())
    assert client(LOGOUT).data["logout"]["ok"]
    assert client(ME).reason == "TOKEN_REVOKED"
