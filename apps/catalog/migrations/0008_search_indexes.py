from django.db import migrations, models

from apps.catalog.models.starts import Start


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_search")]

    operations = [
        migrations.AddIndex(
            model_name="modeltag",
            index=models.Index(models.F("key"), Start("value"), name="model_tag_by_start"),
        ),
        migrations.AddIndex(
            model_name="versiontag",
            index=models.Index(models.F("key"), Start("value"), name="version_tag_by_start"),
        ),
        migrations.AddIndex(
            model_name="modelversion",
            index=models.Index(fields=["-created_at", "-id"], name="version_created_last"),
        ),
        migrations.AddIndex(
            model_name="modelversion",
            index=models.Index(fields=["source"], name="version_by_source"),
        ),
    ]
