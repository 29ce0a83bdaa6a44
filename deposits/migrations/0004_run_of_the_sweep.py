"""A sweep is a run of the night: the link first, the rows in 0005, the rest in 0006."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deposits", "0003_linked_account"),
        ("events", "0003_nightly_run"),
    ]

    # What 0006 takes away may be empty and alike from here on, for the way back.
    operations = [
        migrations.RemoveConstraint("sweeprun", "sweep_run_one_at_a_time"),
        migrations.AlterField(
            model_name="sweeprun",
            name="counted_on",
            field=models.DateField(null=True, verbose_name="day"),
        ),
        migrations.AlterField(
            model_name="sweeprun",
            name="started_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="sweeprun",
            name="run",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="events.nightlyrun",
            ),
        ),
    ]
