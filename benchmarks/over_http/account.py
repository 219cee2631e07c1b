"""Makes a database of the API with its only user: `python -m benchmarks.over_http.account`."""

import django

from .. import stage


def main() -> None:
    """Create every table, and the user, in the database that `DATABASE_URL` names."""
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    get_user_model().objects.create_user(stage.USERNAME, stage.EMAIL, stage.PASSWORD)


if __name__ == "__main__":
    main()
