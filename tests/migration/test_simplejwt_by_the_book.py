"""A project of simplejwt that follows docs/migrating-simplejwt.md, with nothing but the wheel."""

import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from tests.docs.examples import examples
from tests.wheels import install

SETTINGS = """
SECRET_KEY = "a-secret-for-tests-alone-and-longer-than-32-bytes"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "db.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
"""
URLS = """
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView
{imports}


class Me(APIView):
    def get(self, request):
        return Response({{"name": request.user.username}})


urlpatterns = [
    path("me", Me.as_view()),
    path("sign-in", {views[0]}.as_view()),
    path("refresh", {views[1]}.as_view()),
    path("logout", {views[2]}.as_view()),
]
"""
BEFORE = URLS.format(
    imports="from rest_framework_simplejwt import views",
    views=[f"views.Token{name}View" for name in ("ObtainPair", "Refresh", "Blacklist")],
)
AFTER = URLS.format(imports="import views", views=["views.SignIn", "views.Refresh", "views.Logout"])

COMMON = """
import json, pathlib, django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client


def me(access):
    answer = Client().get("/me", headers={"Authorization": "Bearer " + access})
    return answer.status_code, answer.json()


def post(name, body=None, access=None):
    headers = {"Authorization": "Bearer " + access} if access else {}
    answer = Client().post(
        "/" + name, body or {}, content_type="application/json", headers=headers
    )
    return answer.status_code, answer.json() if answer.content else None

call_command("migrate", verbosity=0)
"""
LIFE_BEFORE = """
User.objects.create_user("alice", password="wonderland")
alice = {"username": "alice", "password": "wonderland"}
pairs = {name: post("sign-in", alice)[1] for name in ("phone", "laptop", "lost")}
assert me(pairs["lost"]["access"]) == (200, {"name": "alice"})
assert post("logout", {"refresh": pairs["lost"]["refresh"]})[0] == 200
print(json.dumps(pairs))
"""
LIFE_AFTER = """
call_command("check", "--fail-level", "WARNING", "--database", "default")
pairs = json.loads(pathlib.Path("pairs.json").read_text())
phone, laptop, lost = pairs["phone"], pairs["laptop"], pairs["lost"]

assert me(phone["access"]) == (200, {"name": "alice"})
assert post("logout", access=phone["access"])[0] == 204
assert me(phone["access"])[1]["reason"] == "TOKEN_REVOKED"

code, newer = post("refresh", {"refresh": laptop["refresh"]})
assert code == 200, newer
assert me(newer["access"]) == (200, {"name": "alice"})
assert post("logout", access=newer["access"])[0] == 204
assert me(newer["access"])[1]["reason"] == "TOKEN_REVOKED"
assert post("refresh", {"refresh": newer["refresh"]})[1]["reason"] == "SESSION_ENDED"
assert post("refresh", {"refresh": laptop["refresh"]})[1]["reason"] == "SESSION_ENDED"

assert post("refresh", {"refresh": lost["refresh"]})[1]["reason"] == "SESSION_ENDED"
"""


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("environment")
    return install(wheel, "djangorestframework-simplejwt", extras="drf", folder=folder)


@pytest.fixture
def live(python, tmp_path):
    """Run a program in the project, in a process of its own; return what it printed."""

    def live(program):
        done = subprocess.run(
            [python, "-c", COMMON + program],
            cwd=tmp_path,
            env={"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return live


def in_a_month(settings):
    """Write a date that is one month off, whenever this is read."""
    until = datetime.now(UTC) + timedelta(days=30)
    changed, count = re.subn(r"20\d\d-\d\d-\d\dT[\d:+]+", until.isoformat(), settings)
    assert count == 1
    return changed


def test_who_was_signed_in_before_stays_so_until_they_log_out(live, tmp_path):
    [added] = examples("migrating-simplejwt.md", "What to change")
    views = examples("rest.md", "REST framework")[1]

    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "urls.py").write_text(BEFORE)
    (tmp_path / "pairs.json").write_text(live(LIFE_BEFORE))

    (tmp_path / "settings.py").write_text(SETTINGS + in_a_month(added))
    (tmp_path / "views.py").write_text(views)
    (tmp_path / "urls.py").write_text(AFTER)
    live(LIFE_AFTER)
