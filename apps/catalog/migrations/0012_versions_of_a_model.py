import django.db.models.deletion
from django.db import migrations, models

_INDEX = "catalog_model_version_model_id_e3a4fa3e"


class Migration(migrations.Migration):
    """Drop the index of a version's model alone: four others begin with the model.

    PostgreSQL took it for cheaper, and then sorted all versions of a model for a page of them.
    Django itself would drop ``one_version_in_production`` along with it, and on SQLite write the
    whole table anew; so the statement stands here.
    """

    dependencies = [("catalog", "0011_scrub")]

    operations = [
        migrations.RunSQL(
            f'DROP INDEX IF EXISTS "{_INDEX}"',
            f'CREATE INDEX "{_INDEX}" ON "catalog_model_version" ("model_id")',
            state_operations=[
                migrations.AlterField(
                    model_name="modelversion",
                    name="model",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="catalog.registeredmodel",
                    ),
                )
            ],
        )
    ]
