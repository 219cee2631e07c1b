"""Breaks a private deployment in every way there is, under load: `python -m tests.faults`.

Prints the table of `docs/faults.md`. The exit code is 1 where a promise was broken.
"""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.faults.command import main

    sys.exit(main(sys.argv[1:]))
