"""A new project in production, for servers of other people's code: nothing of ours is loaded."""

from pathlib import Path

from benchmarks.settings import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "graphene_django",
    # For the tables of contenders that have some.
    "benchmarks",
]
