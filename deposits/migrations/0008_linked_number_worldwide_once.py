"""No customer has the same IBAN or phone twice, whatever the institution is called."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deposits", "0007_one_of_each_number")]

    operations = [
        migrations.AddConstraint(
            model_name="linkedaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("number_kind__in", ["iban", "phone"]),
                    ("status__in", ["unverified", "verified"]),
                ),
                fields=("customer", "number_index"),
                name="linked_worldwide_once",
            ),
        )
    ]
