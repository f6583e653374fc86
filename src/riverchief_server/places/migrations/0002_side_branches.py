"""Slices of order numbers that lie upstream by side branches."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The reach's further slices."""

    dependencies = [("places", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="reach",
            name="also_upstream",
            field=models.JSONField(
                default=list,
                help_text="[[first, last, offset_m], ...]: further slices of orders whose water comes here by side "
                "branches; a reach of such a slice is distance_to_outlet_m - offset_m away",
            ),
        ),
    ]
