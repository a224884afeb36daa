import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_decision_permissions")]

    operations = [
        migrations.AddField(
            model_name="artifact",
            name="disposed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="artifact",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="artifact",
            index=models.Index(
                fields=["disposed_at"],
                condition=Q(disposed_at__isnull=False, erased_at=None),
                name="artifact_to_erase",
            ),
        ),
        migrations.CreateModel(
            name="DisposedVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("disposed_at", models.DateTimeField()),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disposal",
                        to="catalog.modelversion",
                    ),
                ),
            ],
            options={"db_table": "catalog_disposed_version"},
        ),
    ]
