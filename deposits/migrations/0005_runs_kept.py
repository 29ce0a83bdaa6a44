"""Every sweep there was becomes a run of the night; one that was killed goes on."""

from django.db import migrations

NAME = "activity"
SHARED = (
    "counted_on", "status", "cursor", "lease", "leased_until", "starts",
    "started_at", "finished_at",
)  # fmt: skip


def make_nights(apps, _):
    night = apps.get_model("events", "NightlyRun")
    for sweep in apps.get_model("deposits", "SweepRun").objects.filter(run=None):
        run = night.objects.create(
            id=sweep.pk,  # of the same moment, so the order of keys stays
            tenant_id=sweep.tenant_id,
            name=NAME,
            # A sweep has one stage; past it, nothing is left to do.
            stage=int(sweep.status == "done"),
            figures={
                "changed": sum(sweep.changes.values()),
                "accounts": sweep.accounts_changed,
                "errors": sweep.error_count,
            },
            **{name: getattr(sweep, name) for name in SHARED},
        )
        sweep.run = run
        sweep.save(update_fields=["run"])


def take_back(apps, _):
    sweeps = apps.get_model("deposits", "SweepRun").objects
    for sweep in sweeps.select_related("run"):
        run, sweep.run = sweep.run, None
        for name in SHARED:
            setattr(sweep, name, getattr(run, name))
        sweep.save()
    apps.get_model("events", "NightlyRun").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("deposits", "0004_run_of_the_sweep")]

    operations = [migrations.RunPython(make_nights, take_back)]
