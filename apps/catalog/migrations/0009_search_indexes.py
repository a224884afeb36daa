from django.db import migrations, models
from django.db.models import F

from apps.catalog.models.starts import Start


class Migration(migrations.Migration):
    """Order the versions of one model by an index, and lead from a tag to its rows by an index alone.

    Numbers need no index of their own: they are unique within a model.
    """

    dependencies = [("catalog", "0008_search_indexes")]

    operations = [
        migrations.RemoveIndex(model_name="modelversion", name="version_newest_first"),
        migrations.AddIndex(
            model_name="modelversion",
            index=models.Index(
                fields=["model", "-touched_at", "-number"], name="version_touched_in_model"
            ),
        ),
        migrations.RemoveIndex(model_name="modeltag", name="model_tag_by_start"),
        migrations.AddIndex(
            model_name="modeltag",
            index=models.Index(F("key"), Start("value"), F("model"), name="model_tag_to_model"),
        ),
        migrations.RemoveIndex(model_name="versiontag", name="version_tag_by_start"),
        migrations.AddIndex(
            model_name="versiontag",
            index=models.Index(
                F("key"), Start("value"), F("version"), name="version_tag_to_version"
            ),
        ),
    ]
