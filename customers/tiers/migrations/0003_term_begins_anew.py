"""Who was reinstated without KYC has a term again; it begins with this release."""

from django.db import migrations, models
from django.utils import timezone


def begin_anew(apps, _):
    deadlines = apps.get_model("tiers", "KycDeadline").objects
    unverified = deadlines.filter(
        missed_at__isnull=False,
        customer__status="active",
        customer__kyc_status__in=["pending", "rejected"],
    )
    deadlines.filter(pk__in=list(unverified.values_list("pk", flat=True))).update(
        began_at=timezone.now(),
        missed_at=None,
        warned_at=None,
        mailed_at=None,
        days=None,
    )


class Migration(migrations.Migration):
    dependencies = [("tiers", "0002_foresee_tiers"), ("registry", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="kycdeadline",
            name="began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(begin_anew, migrations.RunPython.noop),
    ]
