"""An IBAN or phone that stands twice at one customer stays once: the others go."""

from django.db import migrations
from django.db.models import Count
from django.utils import timezone

REASON = "The same number stands twice at this customer"


def end_doubles(apps, _):
    """Keep the primary one, else a verified one, else the oldest."""
    linked = apps.get_model("deposits", "LinkedAccount").objects
    living = linked.filter(
        status__in=["unverified", "verified"], number_kind__in=["iban", "phone"]
    )
    key = ("customer_id", "number_index")
    twice = living.order_by().values(*key).annotate(count=Count("pk"))
    for found in twice.filter(count__gt=1).values(*key):
        same = living.filter(**found).order_by("-is_primary", "-status", "pk")
        for row in list(same)[1:]:
            _end(apps, row)


def _end(apps, row):
    row.status, row.is_primary = "removed", False
    row.save(update_fields=["status", "is_primary"])
    fields = row._meta.concrete_fields  # noqa: SLF001 - Django's documented API
    apps.get_model("deposits", "LinkedAccountVersion").objects.create(
        **{field.attname: getattr(row, field.attname) for field in fields},
        history_date=timezone.now(),
        history_type="~",
        history_change_reason=REASON,
    )
    amounts = apps.get_model("deposits", "ProofAmount").objects
    amounts.filter(linked_account=row, ended_at=None).update(
        digest="", ended_at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [("deposits", "0006_report_of_the_sweep")]

    operations = [migrations.RunPython(end_doubles, migrations.RunPython.noop)]
