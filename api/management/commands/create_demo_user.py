"""Creates the development user `demo`, so that a fresh clone has somebody to sign in as."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

NAME = PASSWORD = "demo"  # noqa: S105  Known to everyone: refused outside development.


class Command(BaseCommand):
    help = "Create the user demo with the password demo, in development and only as the first user."

    def handle(self, **options: Any) -> None:
        users = get_user_model()._default_manager
        if not settings.DEBUG:
            self.stdout.write("No demo user outside development (DJANGO_DEBUG is not true).")
        elif not users.exists():
            users.create_user(NAME, password=PASSWORD)
            self.stdout.write(f"Created the user {NAME} with the password {PASSWORD}.")
