"""The management commands, as their parsers describe themselves."""

import argparse
from collections.abc import Iterator

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from .markdown import code, table

TITLE = "Commands"
LEAD = "`python manage.py COMMAND --help` prints the same."
APPS = ("revocation", "api")


def page() -> str:
    return "\n\n".join(_of_command(name, app) for name, app in commands())


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of ours with the app it is in."""
    for name, app in sorted(get_commands().items()):
        if app in APPS:
            yield name, app


def parser_of(name: str, app: str) -> argparse.ArgumentParser:
    return load_command_class(app, name).create_parser("manage.py", name)


def _of_command(name: str, app: str) -> str:
    parser = parser_of(name, app)
    options = [_row(action) for action in parser._actions if _is_own(action)]
    listed = f"\n\n{table(('option', 'meaning'), options)}" if options else ""
    return f"## {name}\n\n{parser.description or ''}{listed}"


def _is_own(action: argparse.Action) -> bool:
    """Whether it is no option that every command of Django has."""
    plain = {option.dest for option in BaseCommand().create_parser("manage.py", "any")._actions}
    return action.dest not in plain


def _row(action: argparse.Action) -> tuple[str, str]:
    value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
    meaning = (action.help or "").replace("%(default)s", str(action.default))
    shown = action.default not in {None, False, argparse.SUPPRESS} and "default" not in meaning
    default = f"; default: {action.default}" if shown else ""
    return code("/".join(action.option_strings) + value), f"{meaning}{default}".lstrip("; ")
