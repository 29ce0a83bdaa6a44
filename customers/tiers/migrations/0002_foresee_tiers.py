"""A permission to ask what other limits would do."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tiers", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="tier",
            options={
                "permissions": [
                    ("foresee_tiers", "Can ask what other limits would do")
                ],
                "verbose_name": "tier",
            },
        ),
    ]
