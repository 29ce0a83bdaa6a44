"""What the run of the night keeps is no longer kept twice."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deposits", "0005_runs_kept")]

    operations = [
        migrations.AlterField(
            model_name="sweeprun",
            name="run",
            field=models.OneToOneField(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="events.nightlyrun",
            ),
        ),
        migrations.RemoveIndex("sweeprun", "sweep_run_list"),
        migrations.AddIndex(
            "sweeprun",
            models.Index(fields=["tenant", "-id"], name="sweep_run_newest"),
        ),
        migrations.RemoveField("sweeprun", "counted_on"),
        migrations.RemoveField("sweeprun", "status"),
        migrations.RemoveField("sweeprun", "cursor"),
        migrations.RemoveField("sweeprun", "lease"),
        migrations.RemoveField("sweeprun", "leased_until"),
        migrations.RemoveField("sweeprun", "starts"),
        migrations.RemoveField("sweeprun", "started_at"),
        migrations.RemoveField("sweeprun", "finished_at"),
    ]
