"""Which migrations may run while workers of the release before them serve.

That release goes on to insert rows of its own columns, to read and to update those, and knows
nothing of the new ones.
"""

from collections.abc import Iterator
from typing import Any

from django.db.migrations import operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

# They take nothing away that somebody may be using.
_HARMLESS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
)
# Of a field, what no database hears of.
_UNSEEN = {
    *("blank", "choices", "db_default", "default", "editable", "error_messages", "help_text"),
    *("related_name", "validators", "verbose_name"),
}


def breaking(migration: Any, before: ProjectState) -> Iterator[str]:
    """Say what in a migration breaks the release before, whose state of the tables is given."""
    app, state = migration.app_label, before.clone()
    for operation in migration.operations:
        yield from _breaking(operation, app, state)
        operation.state_forwards(app, state)


def _breaking(operation: Operation, app: str, state: ProjectState) -> Iterator[str]:
    match operation:
        case operations.AddField(field=field):
            is_filled = field.null or field.db_default is not NOT_PROVIDED or field.many_to_many
            # Of rows without a value there may be many in a unique column (SQL:2016).
            if not is_filled or (field.unique and not field.null):
                yield f"{operation.describe()}: rows of the release before have no value for it"
        case operations.AlterField():
            old = state.models[app, operation.model_name_lower].fields[operation.name]
            yield from _narrowing(operation, old)
        case operations.RunPython():
            if not operation.reversible:
                yield f"{operation.describe()}: there is no way back"
        case operations.SeparateDatabaseAndState():
            for inner in operation.database_operations:
                yield from _breaking(inner, app, state)
        case _ if not isinstance(operation, _HARMLESS):
            yield f"{operation.describe()}: not known to be harmless"


def _narrowing(operation: Any, old: Any) -> Iterator[str]:
    was, becomes = _described(old), _described(operation.field)
    changed = {name for name in was | becomes if was.get(name) != becomes.get(name)} - _UNSEEN
    is_wider = changed == {"max_length"} and becomes["max_length"] > was["max_length"]
    if changed and not is_wider:
        yield f"{operation.describe()}: it changes {', '.join(sorted(changed))}"


def _described(field: Any) -> dict[str, Any]:
    _, path, arguments, options = field.deconstruct()
    return {"class": path, "arguments": arguments, **options}
