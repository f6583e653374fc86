"""The log of maintenance: an entry has the sender's own number, who entered it, and may be withdrawn."""

import uuid

from django.db import migrations, models


def number(apps, schema_editor):
    """Every entry gets a number of its own: the default of a new column is the same for all rows."""
    for row in apps.get_model("observations", "Upkeep").objects.all():
        row.uuid = uuid.uuid4()
        row.save(update_fields=["uuid"])


class Migration(migrations.Migration):
    """Columns of ``Upkeep``."""

    dependencies = [("observations", "0003_instruments")]

    operations = [
        migrations.AddField("upkeep", "uuid", models.UUIDField(default=uuid.uuid4, null=True)),
        migrations.RunPython(number, migrations.RunPython.noop),
        migrations.AlterField("upkeep", "uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
        migrations.AddField("upkeep", "entered_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("upkeep", "entered_by", models.CharField(blank=True, max_length=120)),
        migrations.AddField("upkeep", "withdrawn_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("upkeep", "withdrawn_by", models.CharField(blank=True, max_length=120)),
        migrations.AddField("upkeep", "withdrawn_because", models.CharField(blank=True, max_length=400)),
    ]
