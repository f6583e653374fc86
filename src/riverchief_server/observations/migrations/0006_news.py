"""What was written and is still to be told to those who subscribed: a log, filled only where somebody is to be told."""

from django.db import migrations

SQLITE = "CREATE TABLE reading_news (id INTEGER PRIMARY KEY AUTOINCREMENT, at BIGINT NOT NULL, what BLOB NOT NULL)"
POSTGRESQL = (
    "CREATE TABLE reading_news (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at BIGINT NOT NULL, "
    "what BYTEA NOT NULL)"
)


def create(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL, None)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE reading_news")


class Migration(migrations.Migration):
    dependencies = [("observations", "0005_journal")]
    operations = [migrations.RunPython(create, drop)]
