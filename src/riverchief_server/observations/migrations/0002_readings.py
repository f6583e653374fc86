"""The narrow table of readings, outside the ORM: the value in force by (series, time), earlier versions beside it."""

from django.db import migrations

COLUMNS = """
    series   INTEGER NOT NULL,
    t        BIGINT  NOT NULL,
    v        DOUBLE PRECISION,
    flag     VARCHAR(16) NOT NULL,
    operator VARCHAR(1) NOT NULL DEFAULT '',
    bound    DOUBLE PRECISION,
    arrived  BIGINT NOT NULL,
    message  BIGINT
"""
SQLITE = [
    f"CREATE TABLE reading ({COLUMNS}, PRIMARY KEY (series, t)) WITHOUT ROWID",
    f"CREATE TABLE reading_version ({COLUMNS}, PRIMARY KEY (series, t, arrived)) WITHOUT ROWID",
]
POSTGRESQL = [
    f"CREATE TABLE reading ({COLUMNS}, PRIMARY KEY (series, t))",
    f"CREATE TABLE reading_version ({COLUMNS}, PRIMARY KEY (series, t, arrived))",
]


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE reading_version")
    schema_editor.execute("DROP TABLE reading")


class Migration(migrations.Migration):
    dependencies = [("observations", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
