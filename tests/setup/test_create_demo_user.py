"""The development user: only in development, and never beside real users."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def names():
    return [user.username for user in get_user_model().objects.all()]


def test_the_first_user_in_development_is_demo(settings, capsys):
    settings.DEBUG = True

    call_command("create_demo_user")

    assert authenticate(username="demo", password="demo").username == "demo"
    assert "demo" in capsys.readouterr().out


def test_where_there_are_users_none_is_added(settings):
    settings.DEBUG = True
    get_user_model().objects.create_user("alice")

    call_command("create_demo_user")

    assert names() == ["alice"]


def test_outside_development_there_is_no_demo_user(settings, capsys):
    settings.DEBUG = False

    call_command("create_demo_user")

    assert names() == []
    assert "No demo user outside development" in capsys.readouterr().out
