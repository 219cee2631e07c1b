"""From this release on, a migration breaks nothing of the release before it."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from .rules import breaking

APPS = ("revocation", "api")
# What the first release brought: nothing older is asked to serve beside it.
FIRST = {
    ("revocation", "0001_initial"),
    ("revocation", "0002_failed_attempts"),
    ("revocation", "0003_redis_store"),
    ("revocation", "0004_purge_indexes"),
    ("api", "0001_persisted_queries"),
}


def loader():
    return MigrationLoader(None)


def test_what_was_released_is_still_there():
    assert loader().disk_migrations.keys() >= FIRST


def test_no_migration_breaks_the_release_before_it():
    graph = loader().graph
    later = [key for key in graph.nodes if key[0] in APPS and key not in FIRST]

    found = {
        key: list(breaking(graph.nodes[key], graph.make_state(key, at_end=False))) for key in later
    }

    assert {key: broken for key, broken in found.items() if broken} == {}


TABLE = migrations.CreateModel(
    "Thing",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("note", models.CharField(max_length=20, null=True)),
    ],
)


def judged(*operations):
    state = ProjectState()
    TABLE.state_forwards("shop", state)
    migration = migrations.Migration("0002", "shop")
    migration.operations = list(operations)
    return list(breaking(migration, state))


def add(field):
    return migrations.AddField("thing", "more", field)


def alter(name, field):
    return migrations.AlterField("thing", name, field)


@pytest.mark.parametrize(
    "operation",
    [
        TABLE,
        add(models.CharField(max_length=5, null=True)),
        add(models.CharField(max_length=5, null=True, unique=True)),
        add(models.IntegerField(db_default=0)),
        add(models.ManyToManyField("shop.Thing")),
        alter("name", models.CharField(max_length=40)),
        alter("name", models.CharField("what it is called", max_length=20, blank=True)),
        migrations.AddIndex("thing", models.Index(fields=["name"], name="thing_names")),
        migrations.AlterModelOptions("thing", {"verbose_name": "thing"}),
        migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Thing")]),
    ],
)
def test_what_the_release_before_does_not_notice_is_allowed(operation):
    assert judged(operation) == []


@pytest.mark.parametrize(
    "operation",
    [
        add(models.CharField(max_length=5)),
        add(models.IntegerField(default=0)),
        add(models.IntegerField(db_default=0, unique=True)),
        alter("note", models.CharField(max_length=20)),
        alter("name", models.CharField(max_length=10)),
        alter("name", models.TextField()),
        alter("name", models.CharField(max_length=40, unique=True)),
        alter("name", models.CharField(max_length=20, db_column="title")),
        migrations.RemoveField("thing", "note"),
        migrations.RenameField("thing", "note", "remark"),
        migrations.RenameModel("Thing", "Object"),
        migrations.DeleteModel("Thing"),
        migrations.AlterModelTable("thing", "objects"),
        migrations.AlterUniqueTogether("thing", {("name", "note")}),
        migrations.AddConstraint(
            "thing", models.UniqueConstraint(fields=["name"], name="one_of_a_name")
        ),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.RunSQL("SELECT 1", "SELECT 1"),
        migrations.SeparateDatabaseAndState([migrations.RemoveField("thing", "note")]),
    ],
)
def test_what_breaks_the_release_before_is_named(operation):
    assert judged(operation) != []


def test_an_operation_is_judged_by_what_those_before_it_left():
    shorter = alter("name", models.CharField(max_length=30))

    assert judged(shorter) == []
    assert judged(alter("name", models.CharField(max_length=40)), shorter) != []
