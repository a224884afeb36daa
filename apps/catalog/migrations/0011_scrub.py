from typing import Any

from django.db import migrations, models
from django.db.models import F


def count_the_intake_as_the_first_look(apps: Any, schema_editor: Any) -> None:
    """Bytes are hashed on their way in, so that is when they were last looked at."""
    apps.get_model("catalog", "Artifact").objects.update(verified_at=F("stored_at"))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_evidence_permissions")]

    operations = [
        migrations.AddField(
            model_name="artifact",
            name="verified_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="artifact",
            name="quarantined_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(count_the_intake_as_the_first_look, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="artifact",
            name="verified_at",
            field=models.DateTimeField(),
        ),
        migrations.AddIndex(
            model_name="artifact",
            index=models.Index(fields=["verified_at", "id"], name="artifact_oldest_look"),
        ),
    ]
