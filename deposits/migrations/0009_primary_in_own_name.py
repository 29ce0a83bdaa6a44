"""Payouts go on only to accounts in the customer's name; the others are not primary."""

from django.db import migrations, models
from django.utils import timezone

REASON = "Its holder is not the customer’s name"


def drop_others(apps, _):
    linked = apps.get_model("deposits", "LinkedAccount").objects
    versions = apps.get_model("deposits", "LinkedAccountVersion").objects
    primary = linked.filter(is_primary=True)
    for row in primary.exclude(name_match__in=["match", "close"]):
        row.is_primary = False
        row.save(update_fields=["is_primary"])
        fields = row._meta.concrete_fields  # noqa: SLF001 - Django's documented API
        versions.create(
            **{field.attname: getattr(row, field.attname) for field in fields},
            history_date=timezone.now(),
            history_type="~",
            history_change_reason=REASON,
        )


class Migration(migrations.Migration):
    dependencies = [("deposits", "0008_linked_number_worldwide_once")]

    operations = [
        migrations.RunPython(drop_others, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="linkedaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_primary", False),
                    ("name_match__in", ["match", "close"]),
                    _connector="OR",
                ),
                name="linked_primary_in_own_name",
            ),
        ),
    ]
