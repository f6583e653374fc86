"""A station's own rules of quality control, what persons said of periods, and the names of the checks."""

import django.db.models.deletion
from django.db import migrations, models

# as they stand in tests.csv: a flag names the check that set it
CHECKS = (
    *("sensor_state", "time_order", "range", "climatology", "spike", "rate", "stuck", "attenuated", "oxygen"),
    *("part_of_whole", "neighbour", "ice", "restless", "step"),
)


def name_checks(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name in CHECKS:
            cursor.execute("INSERT INTO flag_source (name) VALUES (%s) ON CONFLICT (name) DO NOTHING", [name])


class Migration(migrations.Migration):
    dependencies = [("observations", "0007_pictures"), ("places", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="CheckSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parameter", models.CharField(blank=True, max_length=32)),
                ("content", models.JSONField(default=dict)),
                ("because", models.CharField(max_length=400)),
                ("set_by", models.CharField(max_length=120)),
                ("set_at", models.DateTimeField()),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="check_settings", to="places.place"
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="FlaggedPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parameter", models.CharField(blank=True, help_text="empty: all of the station", max_length=32)),
                ("begin", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("flag", models.CharField(blank=True, max_length=16)),
                ("because", models.CharField(max_length=400)),
                ("flagged_by", models.CharField(max_length=120)),
                ("flagged_at", models.DateTimeField()),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="flagged_periods", to="places.place"
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.RunPython(name_checks, migrations.RunPython.noop),
    ]
