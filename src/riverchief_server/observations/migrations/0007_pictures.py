"""Pictures that stations send."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table of pictures."""

    dependencies = [("observations", "0006_news"), ("places", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("taken_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("media_type", models.CharField(max_length=40)),
                ("content", models.BinaryField()),
                ("size", models.IntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("missing", models.IntegerField(default=0)),
                (
                    "instrument",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pictures",
                        to="observations.instrument",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pictures", to="places.place"
                    ),
                ),
            ],
            options={"ordering": ["-taken_at", "-id"]},
        ),
        migrations.AddConstraint(
            "picture", models.UniqueConstraint(fields=("place", "taken_at", "sha256"), name="one_picture")
        ),
    ]
