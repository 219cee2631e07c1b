"""The wheel: what is in it, and that it works where nothing else of this repository is."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import revocation
from tests.wheels import metadata_of

NAME = "django_graphql_revocation"

SETTINGS = """
SECRET_KEY = "a-secret-for-tests-alone-and-longer-than-32-bytes"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "graphene_django",
    "revocation",
]
MIDDLEWARE = ["revocation.middleware.RevocationMiddleware"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "db.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "project"
"""
PROJECT = """
import graphene
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from revocation.decorators import login_required
from revocation.graphql import Mutations, SessionsQuery


class Query(SessionsQuery, graphene.ObjectType):
    name = graphene.String()

    @login_required
    def resolve_name(root, info):
        return info.context.user.username


class Mutation(Mutations, graphene.ObjectType): ...


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]
"""
LIFE = """
import django

django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from revocation.testing import TokenClient

call_command("check", "--fail-level", "WARNING", "--database", "default")
call_command("migrate", verbosity=0)
call_command("makemigrations", "--check", "--dry-run")
User.objects.create_user("alice", password="wonderland")

client = TokenClient()
signed_in = client.query(
    'mutation { tokenAuth(username: "alice", password: "wonderland") { token } }'
)
assert signed_in.data["tokenAuth"]["token"], signed_in.errors
client.sign_in(User.objects.get())
assert client.query("{ name sessions { id } }").data["name"] == "alice"
client.query("mutation { logout { ok } }")
assert client.query("{ name }").reasons == ["TOKEN_REVOKED"]
"""
TYPED = """
import revocation
from revocation.errors import RevocationError

reveal_type(revocation.sign_in(None))
revocation.sign_in()
"""


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_the_app_and_nothing_else(names):
    folder = Path(revocation.__file__).parent
    ours = {
        str(path.relative_to(folder.parent))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    info = f"{NAME}-{revocation.__version__}.dist-info"
    licence = f"{info}/licenses/LICENSE"
    assert names == ours | {f"{info}/METADATA", f"{info}/RECORD", f"{info}/WHEEL", licence}


@pytest.mark.parametrize(
    "name", ["py.typed", "migrations/0001_initial.py", "management/commands/purge_revoked.py"]
)
def test_types_migrations_and_commands_are_in_it(names, name):
    assert f"revocation/{name}" in names


def test_it_names_what_it_needs_and_what_one_may_want_beside_it(wheel):
    metadata = metadata_of(wheel)

    assert metadata["Name"] == "django-graphql-revocation"
    assert set(metadata.get_all("Provides-Extra")) == {"drf", "metrics", "postgres", "redis"}
    always = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert {Requirement(line).name for line in always} == {
        "django",
        "django-graphql-jwt",
        "graphene",
        "graphene-django",
        "pyjwt",
    }


def test_it_works_where_nothing_else_is_installed(environment, tmp_path):
    (tmp_path / "project_settings.py").write_text(SETTINGS)
    (tmp_path / "project.py").write_text(PROJECT)
    (tmp_path / "life.py").write_text(LIFE)

    done = subprocess.run(
        [environment, "life.py"],
        cwd=tmp_path,
        env={"DJANGO_SETTINGS_MODULE": "project_settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


def test_a_project_that_uses_it_sees_its_types(environment, tmp_path):
    (tmp_path / "typed.py").write_text(TYPED)

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", environment, "typed.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 'Revealed type is "revocation.issue.TokenPair"' in done.stdout, done.stdout
    assert 'Missing positional argument "user" in call to "sign_in"' in done.stdout, done.stdout
    assert "Found 1 error in 1 file" in done.stdout, done.stdout
