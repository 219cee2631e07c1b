"""A command that django-oauth-toolkit has under the same name."""

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Forgets what is none of ours."""
