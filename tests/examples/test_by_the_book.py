"""The guide, word by word: with the wheel and no checkout, by a user who is signed in."""

import json
import shutil
import subprocess
from datetime import timedelta

from django.utils import timezone

from tests.examples.recipe import EXAMPLES, changes

ASK = """
import json, sys
import django
django.setup()
from django.contrib.auth import get_user_model
from django.test import Client
get_user_model().objects.filter(username="ada").exists() or (
    get_user_model().objects.create_user("ada", password="lovelace")
)
token, *queries = sys.argv[1:]
told = []
for query in queries:
    answer = Client(headers={"Authorization": f"JWT {token}"} if token else {}).post(
        "/graphql", {"query": query}, content_type="application/json", headers={"host": "localhost"}
    )
    told.append(answer.json())
print(json.dumps(told))
"""
SIGN_IN = 'mutation { tokenAuth(username: "ada", password: "lovelace") { token } }'
REFRESH = 'mutation { refreshToken(token: "%s") { token } }'
ME = "{ me { username } }"
LOGOUT = "mutation { logout { ok } }"


def test_who_was_signed_in_stays_so_and_is_refused_after_logging_out(environment, tmp_path):
    project = shutil.copytree(
        EXAMPLES / "before",
        tmp_path / "project",
        ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"),
    )

    def run(*arguments):
        done = subprocess.run(
            [environment, *arguments],
            cwd=project,
            env={"DJANGO_SETTINGS_MODULE": "library.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(token, *queries):
        return json.loads(run("-W", "ignore", "-c", ASK, token, *queries))

    run("manage.py", "migrate")
    [answer] = ask("", SIGN_IN)
    token = answer["data"]["tokenAuth"]["token"]

    for change in changes():
        change.apply(project)
    until = timezone.now() + timedelta(days=7)
    with (project / "library" / "settings.py").open("a") as settings:
        settings.write(f'REVOCATION = {{"ACCEPT_LEGACY_UNTIL": "{until.isoformat()}"}}\n')
    run("manage.py", "migrate")
    run("manage.py", "check", "--database", "default")
    run("manage.py", "test")

    still_here, refreshed = ask(token, ME, REFRESH % token)
    assert still_here == {"data": {"me": {"username": "ada"}}}
    newer = refreshed["data"]["refreshToken"]["token"]
    assert ask(newer, ME, LOGOUT) == [still_here, {"data": {"logout": {"ok": True}}}]
    for one in (token, newer):
        [refused] = ask(one, ME)
        assert refused["data"] == {"me": None}
        assert refused["errors"][0]["message"] == "Token has been revoked"
