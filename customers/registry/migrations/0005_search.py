from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# Serves LIKE '%word%' and the operators of similar words; SQLite has neither.
INDEX = "customer_name_trigrams"


def make_trigram_index(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX {INDEX} ON registry_customer"
            " USING gin (name_normalized gin_trgm_ops)"
        )


def drop_trigram_index(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {INDEX}")


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_task_assignee"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        TrigramExtension(),  # does nothing on SQLite
        migrations.AddField(
            model_name="customer",
            name="id_number_index",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["tenant", "email"], name="customer_email"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["tenant", "phone"], name="customer_phone"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["tenant", "id_number_index"], name="customer_id_no"
            ),
        ),
        migrations.RunPython(make_trigram_index, drop_trigram_index),
    ]
