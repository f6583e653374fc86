"""How far a gateway's journal has been taken into the inbox."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table of positions."""

    dependencies = [("observations", "0004_upkeep_log")]

    operations = [
        migrations.CreateModel(
            name="JournalPosition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("journal", models.CharField(max_length=32, unique=True)),
                ("segment", models.BigIntegerField(default=0)),
                ("at", models.BigIntegerField(default=0)),
            ],
        ),
    ]
