"""A command that was run without its environment must not have strangers sign tokens."""

import json

import pytest

from tests.api.test_deployment import SECRET, python

DEVELOPMENT = "django-insecure-for-development-only-everybody-knows-it"
SERVING = {"DJANGO_SECRET_KEY": SECRET}


@pytest.fixture
def keys(tmp_path):
    """A file of keys, made where nobody had set `DJANGO_SECRET_KEY`."""
    path = tmp_path / "keys.json"
    done = python("manage.py", "rotate_key", JWT_KEYS_FILE=str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.mark.parametrize("module", ["api.wsgi", "api.asgi"])
class TestServing:
    def test_is_refused_with_a_file_that_began_with_the_development_secret(self, keys, module):
        [current, _] = json.loads(keys.read_text())["keys"]

        done = python("-c", f"import {module}", JWT_KEYS_FILE=str(keys), **SERVING)

        assert done.returncode != 0
        assert f"rotate_key --leaked {current['kid']}" in done.stderr
        assert DEVELOPMENT not in done.stderr

    def test_goes_on_once_that_was_left_out(self, keys, module):
        environment = {"JWT_KEYS_FILE": str(keys), **SERVING}
        told = python("-c", f"import {module}", **environment).stderr
        command = told.rpartition("python ")[2].split()

        python(*command, **environment)

        assert python("-c", f"import {module}", **environment).returncode == 0

    @pytest.mark.parametrize("name", ["JWT_SECRET_KEY", "JWT_PREVIOUS_KEYS"])
    def test_is_refused_with_a_variable_that_has_it(self, name, module):
        done = python("-c", f"import {module}", **{name: DEVELOPMENT}, **SERVING)

        assert done.returncode != 0
        assert "everybody knows" in done.stderr

    def test_goes_on_with_it_in_development(self, keys, module):
        done = python("-c", f"import {module}", JWT_KEYS_FILE=str(keys), DJANGO_DEBUG="true")

        assert done.returncode == 0
