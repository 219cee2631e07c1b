"""Bring this folder's environment up to what is locked: `python requirements run dev assets`.

Runs before anything is installed, so it may import the standard library only. This file alone must
also parse on interpreters too old for the project, to tell their owner so.
"""

import sys


def main():
    if sys.version_info < (3, 11):
        version = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(
            "Python 3.11 or newer is needed, and {} is {}. Install a newer one, or name the one "
            "to use: make run PYTHON=python3.12".format(sys.executable, version)
        )
    # Only now: the rest is written for the Python the project needs.
    import setup

    setup.main(sys.argv[1:])


main()
