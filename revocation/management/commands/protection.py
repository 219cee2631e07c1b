"""Show what guards each field."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string
from graphene import Schema

from revocation.protection import protected_types, root_fields, served_schema

_NONE = "no rule found"
_ADVICE = "Name one: manage.py protection --schema package.module.schema"


class Command(BaseCommand):
    """Reads the schema; nothing is asked of a database, and nothing is changed."""

    help = (
        "List every root field of a schema and every protected type, with the rule that guards it. "
        "A rule is found where a decorator of revocation.decorators stands outermost."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which schema, and how to print."""
        parser.add_argument(
            "--schema", metavar="PATH", help='default: what GRAPHENE["SCHEMA"] names'
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, schema: str | None, **options: Any) -> None:
        """Print root fields, then types."""
        found = _loaded(schema).graphql_schema
        fields, types = root_fields(found), protected_types(found)
        if options["json"]:
            fields_as_data = [asdict(field) for field in fields]
            self.stdout.write(json.dumps({"fields": fields_as_data, "types": types}, indent=2))
            return
        width = max(len(str(name)) for name in (*fields, *types))
        for field in fields:
            result = ", ".join(field.rules_of_result)
            note = f"; what it returns: {result}" if result else ""
            self.stdout.write(f"{field!s:{width}}  {', '.join(field.rules) or _NONE}{note}")
        for name, rules in types.items():
            self.stdout.write(f"{name:{width}}  {', '.join(rules)}")
        if not all(field.rules for field in fields):
            self.stdout.write(f"\n{_NONE}: anybody may use it, or it decides by itself.")


def _loaded(path: str | None) -> Schema:
    named = path or 'what GRAPHENE["SCHEMA"] names'
    try:
        schema = import_string(path) if path else served_schema()
    except ImportError as error:
        raise CommandError(f"{error}. {_ADVICE}") from None
    if not isinstance(schema, Schema):
        raise CommandError(f"{named} is no graphene.Schema. {_ADVICE}")
    return schema
